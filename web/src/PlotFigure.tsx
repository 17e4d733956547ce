import { useEffect, useRef, useState } from 'preact/hooks';

type Drawing = (SVGSVGElement | HTMLElement) & { scale?: unknown };

/**
 * Holds a plot and redraws it when its width changes. Plot adds a style element to each drawing; it is taken out
 * (base.css holds the same rules), so the page needs no inline styles.
 */
export function PlotFigure(props: {
  readonly draw: (width: number, height: number) => Drawing;
  readonly height: number;
  /** Grow with the box's height; the drawing then never keeps the box from shrinking. */
  readonly fill?: boolean;
  /** What a screen reader says of the drawing; absent where the text beside it says the same. */
  readonly label?: string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [{ width, height }, setSize] = useState({ width: 0, height: 0 });

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = () => {
      const width = Math.floor(element.clientWidth);
      const height = props.fill ? Math.floor(element.clientHeight) : props.height;
      setSize((old) => (old.width === width && old.height === height ? old : { width, height }));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [props.fill, props.height]);

  useEffect(() => {
    const element = box.current;
    if (element === null || width === 0) return;
    const drawing = props.draw(width, height);
    drawing.querySelector('style')?.remove();
    drawing.setAttribute('aria-hidden', 'true');
    element.replaceChildren(drawing);
  }, [width, height, props.draw]);

  const aria =
    props.label === undefined ? { 'aria-hidden': true } : { role: 'img' as const, 'aria-label': props.label };
  return (
    <div
      class={props.fill ? 'figure fill' : 'figure'}
      ref={box}
      style={{ minHeight: `${props.height}px` }}
      {...aria}
    />
  );
}
