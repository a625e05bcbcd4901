// Where a photo lies in a pane: fitted, or larger and moved. Pixels of the screen.
export type Box = [number, number, number, number];

const MOST_ZOOM = 12;

export function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

export class Zoom {
  paneWidth = $state(0);
  paneHeight = $state(0);
  factor = $state(1); // 1: the whole photo.
  left = $state(0); // Of the photo's middle from the pane's.
  top = $state(0);
  readonly size: () => [number, number]; // Of the photo.

  constructor(size: () => [number, number]) {
    this.size = size;
  }

  get fit(): number {
    const [width, height] = this.size();
    return Math.min(this.paneWidth / width, this.paneHeight / height, 4) || 1;
  }
  get scale(): number {
    return this.fit * this.factor;
  }
  get x(): number {
    return this.paneWidth / 2 + this.left - (this.size()[0] * this.scale) / 2;
  }
  get y(): number {
    return this.paneHeight / 2 + this.top - (this.size()[1] * this.scale) / 2;
  }
  get most(): number {
    return Math.max(MOST_ZOOM, 2 / this.fit);
  }

  /** Of a point of the pane, where in the photo it lies. */
  toPhoto(x: number, y: number): [number, number] {
    return [(x - this.x) / this.scale, (y - this.y) / this.scale];
  }

  move(x: number, y: number): void {
    const [width, height] = this.size();
    const spareX = Math.max(0, (width * this.scale - this.paneWidth) / 2);
    const spareY = Math.max(0, (height * this.scale - this.paneHeight) / 2);
    this.left = clamp(this.left + x, -spareX, spareX);
    this.top = clamp(this.top + y, -spareY, spareY);
  }

  /** Keeps what is at this point of the pane there. */
  to(wanted: number, atX = this.paneWidth / 2, atY = this.paneHeight / 2): void {
    const next = clamp(wanted, 1, this.most);
    const ratio = next / this.factor;
    this.left = (this.left - (atX - this.paneWidth / 2)) * ratio + atX - this.paneWidth / 2;
    this.top = (this.top - (atY - this.paneHeight / 2)) * ratio + atY - this.paneHeight / 2;
    this.factor = next;
    this.move(0, 0);
  }

  /** Shows all of `box`, with room around it. */
  show(box: Box): void {
    const [width, height] = this.size();
    const [boxLeft, boxTop, boxWidth, boxHeight] = box;
    const wanted = Math.min(this.paneWidth / boxWidth, this.paneHeight / boxHeight) / 1.8 / this.fit;
    this.factor = clamp(wanted, 1, this.most);
    this.left = (width / 2 - boxLeft - boxWidth / 2) * this.scale;
    this.top = (height / 2 - boxTop - boxHeight / 2) * this.scale;
    this.move(0, 0);
  }
}
