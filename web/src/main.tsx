import { render } from 'preact';
import { App } from './App.tsx';
import './style/base.css';
import './style/report.css';
import './style/list.css';

const root = document.getElementById('app');
if (root !== null) render(<App />, root);
