/** The patterns that tell marks apart without colour; defined once, used by every figure. */
export function Hatching() {
  return (
    <svg class="definitions" width="0" height="0" aria-hidden="true">
      <defs>
        <pattern
          id="hatch-worse"
          width="5"
          height="5"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect width="5" height="5" class="hatch-worse-ground" />
          <rect width="2.4" height="5" class="hatch-worse-line" />
        </pattern>
        <pattern
          id="hatch-margin"
          width="6"
          height="6"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(-45)"
        >
          <rect width="1.4" height="6" class="hatch-margin-line" />
        </pattern>
      </defs>
    </svg>
  );
}
