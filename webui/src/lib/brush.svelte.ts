// What a person draws over a photo with a brush: damage that was not found, or what was taken for damage and is none.
import { clamp } from './zoom.svelte';

export type BrushKind = 'damage' | 'undamaged';
type Point = [number, number];
export type Stroke = { kind: BrushKind; width: number; points: Point[] };

/** How far a point is from the straight line between two others. */
function distance([x, y]: Point, [fromX, fromY]: Point, [toX, toY]: Point): number {
  const [wayX, wayY] = [toX - fromX, toY - fromY];
  const along = ((x - fromX) * wayX + (y - fromY) * wayY) / (wayX ** 2 + wayY ** 2 || 1);
  const part = clamp(along, 0, 1);
  return Math.hypot(x - fromX - part * wayX, y - fromY - part * wayY);
}

/** The same line with fewer points, nowhere farther from it than `most`. */
function simplify(points: Point[], most: number): Point[] {
  if (points.length < 3) return points;
  const [first, last] = [points[0]!, points.at(-1)!];
  const distances = points.map((point) => distance(point, first, last));
  const farthest = distances.indexOf(Math.max(...distances));
  if (distances[farthest]! <= most) return [first, last];
  return [...simplify(points.slice(0, farthest + 1), most), ...simplify(points.slice(farthest), most).slice(1)];
}

type Drawn = Partial<Record<BrushKind, string | null>>; // As the options of that name: WIDTH,X,Y,X,Y;WIDTH,...

export const KINDS: readonly BrushKind[] = ['damage', 'undamaged'];
export const MOST_POINTS = 2000; // Of all strokes together: more the service does not take.
const HALF = 0.5; // There, whole numbers are the middles of pixels.

function read(kind: BrushKind, text: string): Stroke {
  const [width = 1, ...values] = text.split(',').map(Number);
  const points: Point[] = [];
  for (let i = 0; i + 1 < values.length; i += 2) points.push([values[i]! + HALF, values[i + 1]! + HALF]);
  return { kind, width, points };
}

export class Brush {
  strokes = $state<Stroke[]>([]);
  kind = $state<BrushKind>('damage');
  width = $state(0); // Pixels of the photo, as are all points; 0, 0 is the corner of its first one.
  isLocked = $state(false); // What is drawn is being sent: see lock().
  #isDown = false;

  #earlier: string[];
  #earlierCount: number;

  /** `drawn`: what the photo was restored with, which can be undone too. */
  constructor(width: number, drawn: Drawn) {
    this.width = width;
    this.strokes = KINDS.flatMap((kind) => (drawn[kind] ? drawn[kind].split(';').map((text) => read(kind, text)) : []));
    this.#earlierCount = this.strokes.length;
    this.#earlier = KINDS.map((kind) => this.text(kind));
  }

  get hasNew(): boolean {
    return this.strokes.length > this.#earlierCount;
  }
  get isChanged(): boolean {
    return KINDS.some((kind, i) => this.text(kind) !== this.#earlier[i]);
  }

  get isFull(): boolean {
    return this.strokes.reduce((sum, { points }) => sum + points.length, 0) >= MOST_POINTS;
  }

  press(x: number, y: number): void {
    if (this.isLocked || this.isFull) return;
    this.#isDown = true;
    this.strokes.push({ kind: this.kind, width: this.width, points: [[x, y]] });
  }
  move(x: number, y: number): void {
    if (!this.#isDown) return;
    const stroke = this.strokes.at(-1)!;
    if (this.isFull) stroke.points = simplify(stroke.points, stroke.width / 10);
    if (this.isFull) return;
    const { points, width } = stroke;
    const [lastX, lastY] = points.at(-1)!;
    if (Math.hypot(x - lastX, y - lastY) >= Math.max(1, width / 3)) points.push([x, y]);
  }
  /** `pixel`: of the screen, in those of the photo: a hand is no steadier. */
  release(pixel: number): void {
    if (this.#isDown) {
      const stroke = this.strokes.at(-1)!;
      stroke.points = simplify(stroke.points, Math.max(stroke.width / 10, pixel));
    }
    this.#isDown = false;
  }
  /** The stroke that is being drawn was none: a second finger came. */
  drop(): void {
    if (this.#isDown) this.strokes.pop();
    this.#isDown = false;
  }
  undo(): void {
    if (this.isLocked) return;
    this.strokes.pop();
    this.#isDown = false;
  }
  /** Until unlock(), nothing is drawn: a stroke that is not finished ends here. */
  lock(): void {
    this.release(0);
    this.isLocked = true;
  }
  unlock(): void {
    this.isLocked = false;
  }

  /** The strokes of that kind, as its option has them. */
  text(kind: BrushKind): string {
    const tenths = (value: number): number => Math.round(value * 10) / 10;
    return this.strokes
      .filter((stroke) => stroke.kind === kind)
      .map(({ width, points }) => [width, ...points.flat().map((value) => tenths(value - HALF))].join(','))
      .join(';');
  }
}
