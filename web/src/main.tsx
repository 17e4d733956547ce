import { render } from 'preact';
import { App } from './App.tsx';
import './style/base.css';
import './style/report.css';
import './style/figures.css';
import './style/tables.css';
import './style/list.css';
import './style/media.css';

const root = document.getElementById('app');
if (root !== null) render(<App />, root);
