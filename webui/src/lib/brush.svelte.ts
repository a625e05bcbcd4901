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

export class Brush {
  strokes = $state<Stroke[]>([]);
  kind = $state<BrushKind>('damage');
  width = $state(0); // Pixels of the photo, as are all points; 0, 0 is the corner of its first one.
  #isDown = false;

  constructor(width: number) {
    this.width = width;
  }

  press(x: number, y: number): void {
    this.#isDown = true;
    this.strokes.push({ kind: this.kind, width: this.width, points: [[x, y]] });
  }
  move(x: number, y: number): void {
    if (!this.#isDown) return;
    const { points, width } = this.strokes.at(-1)!;
    const [lastX, lastY] = points.at(-1)!;
    if (Math.hypot(x - lastX, y - lastY) >= Math.max(1, width / 3)) points.push([x, y]);
  }
  release(): void {
    if (this.#isDown) {
      const stroke = this.strokes.at(-1)!;
      stroke.points = simplify(stroke.points, stroke.width / 10);
    }
    this.#isDown = false;
  }
  /** The stroke that is being drawn was none: a second finger came. */
  drop(): void {
    if (this.#isDown) this.undo();
    this.#isDown = false;
  }
  undo(): void {
    this.strokes.pop();
  }

  /** `earlier` and these, as the options of that name have them: WIDTH,X,Y,X,Y with semicolons between. */
  text(kind: BrushKind, earlier: string | null | undefined): string {
    const tenths = (value: number): number => Math.round(value * 10) / 10;
    // There, whole numbers are the middles of pixels.
    const texts = this.strokes
      .filter((stroke) => stroke.kind === kind)
      .map(({ width, points }) => [width, ...points.flat().map((value) => tenths(value - 0.5))].join(','));
    return [...(earlier ? [earlier] : []), ...texts].join(';');
  }
}
