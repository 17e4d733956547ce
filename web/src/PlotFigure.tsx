import { useEffect, useRef, useState } from 'preact/hooks';

type Drawing = (SVGSVGElement | HTMLElement) & { scale?: unknown };

/**
 * Holds a plot and redraws it when its width changes. Plot adds a style element to each drawing; it is taken out
 * (base.css holds the same rules), so the page needs no inline styles.
 */
export function PlotFigure(props: {
  readonly draw: (width: number) => Drawing;
  readonly height: number;
  /** What a screen reader says of the drawing; absent where the text beside it says the same. */
  readonly label?: string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = () => setWidth(Math.floor(element.clientWidth));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const element = box.current;
    if (element === null || width === 0) return;
    const drawing = props.draw(width);
    drawing.querySelector('style')?.remove();
    drawing.setAttribute('aria-hidden', 'true');
    element.replaceChildren(drawing);
  }, [width, props.draw]);

  const aria =
    props.label === undefined ? { 'aria-hidden': true } : { role: 'img' as const, 'aria-label': props.label };
  return <div class="figure" ref={box} style={{ minHeight: `${props.height}px` }} {...aria} />;
}
