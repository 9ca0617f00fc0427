// Pictures of articles, drawn from what the seed states: the shape from the category, the colours from the model.

const SHAPES: readonly [category: string, path: string][] = [
  ['camping/tents', 'M10 78 50 22l40 56zM50 22v56M50 46 36 78h28z'],
  ['camping/sleeping', 'M34 18q16-10 32 0l6 52q-22 22-44 0zM42 30q8-6 16 0v10q-8 6-16 0z'],
  ['camping', 'M24 38h52v30q0 12-12 12H36q-12 0-12-12zM20 38h60M38 24q12-12 24 0M76 46h8q6 12-8 14'],
  ['clothing/trousers', 'M32 16h36l6 68H56l-6-40-6 40H26z'],
  ['clothing/accessories', 'M26 58q0-34 24-34t24 34zM22 58h56v14H22zM50 24v-8'],
  ['clothing', 'M36 18q14 12 28 0l22 16-10 18-8-4v38H32V48l-8 4-10-18zM50 24v62'],
  ['footwear', 'M28 22h22v26q6 10 26 14 10 4 8 14H26q-4-14 2-54zM26 76h58v8H26zM50 34h-8M50 42h-8'],
  ['hiking/packs', 'M30 34q0-18 20-18t20 18v46H30zM38 52h24v20H38zM42 16q8-10 16 0'],
  [
    'hiking/lighting',
    'M18 42h64v10H18zM38 36h24v24H38zM44 48a6 6 0 1 0 12 0 6 6 0 1 0-12 0M50 64v14M36 64l-8 10M64 64l8 10',
  ],
  ['hiking/poles', 'M34 14v64M34 14l-4 10M34 78l-4 6M66 14v64M66 14l4 10M66 78l4 6M28 70h12M60 70h12'],
  ['hiking', 'M16 26l22-8 24 8 22-8v56l-22 8-24-8-22 8zM38 18v56M62 26v56'],
  ['snow', 'M50 12v76M17 31l66 38M17 69l66-38M50 26l-8-8M50 26l8-8M50 74l-8 8M50 74l8 8'],
  ['water', 'M8 56q42 30 84 0-6 26-42 26T8 56zM62 16 36 68M66 12l-10 4 8 10z'],
];
const BAG = 'M28 34h44l6 48H22zM38 34q0-18 12-18t12 18';
const SHADES = 360;

/** A number that depends on the text alone. */
function numberOf(text: string): number {
  let value = 7;
  for (const letter of text) value = (value * 31 + letter.charCodeAt(0)) % 99_991;
  return value;
}

/** The picture of an article; decoration, as its name stands beside it. */
export function Picture({ code, category }: { code: string; category: string }) {
  const model = code.split('-').slice(0, 2).join('-');
  const hue = numberOf(model) % SHADES;
  const tilt = (numberOf(code) % 13) - 6;
  const path = SHAPES.find(([prefix]) => category.startsWith(prefix))?.[1] ?? BAG;
  return (
    <svg class="picture" viewBox="0 0 100 100" aria-hidden="true" focusable="false">
      <rect width="100" height="100" fill={`hsl(${hue} 32% 88%)`} />
      <circle cx={76} cy={24} r={13} fill={`hsl(${(hue + 40) % SHADES} 55% 78%)`} />
      <path d="M0 84 26 58l20 18 22-26 32 34v16H0z" fill={`hsl(${hue} 26% 78%)`} />
      <path
        d={path}
        fill={`hsl(${hue} 48% 58%)`}
        stroke={`hsl(${hue} 55% 22%)`}
        stroke-width="2.5"
        stroke-linejoin="round"
        stroke-linecap="round"
        transform={`rotate(${tilt} 50 50)`}
      />
    </svg>
  );
}
