// A real `gpen serve` on loopback with a data folder of its own, and the photos that the tests send.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const GPEN = process.env.GPEN_BINARY ?? path.join(ROOT, 'build/release/apps/gpen/gpen');
const GROUPS = path.join(ROOT, 'packaging/npm/node_modules/@vladmandic/face-api/demo');
const SKIMAGE = '/usr/lib/python3/dist-packages/skimage/data';

function found(file) {
  if (!existsSync(file)) throw new Error(`missing ${file}: run scripts/setup.sh test`);
  return file;
}

/** A NASA portrait in the public domain: one face. */
export const portrait = () => found(path.join(SKIMAGE, 'astronaut.png'));
/** No face. */
export const coffee = () => found(path.join(SKIMAGE, 'coffee.png'));
/** Three people and more; `number` from 1 to 6. */
export const group = (number) => found(path.join(GROUPS, `sample${number}.jpg`));
/** A group photo as an old small print would give it, without loss: restoring it shows, and pixels can be compared. */
export function wornGroup(number) {
  const script = `
import io, sys
from PIL import Image, ImageFilter
photo = Image.open(sys.argv[1]).convert('RGB')
small = photo.filter(ImageFilter.GaussianBlur(4)).resize((photo.width // 6, photo.height // 6))
bytes = io.BytesIO()
small.resize((photo.width // 2, photo.height // 2)).save(bytes, 'PNG')
sys.stdout.buffer.write(bytes.getvalue())`;
  const buffer = execFileSync('/usr/bin/python3', ['-c', script, group(number)], { maxBuffer: 1 << 26 });
  return { name: `worn ${number}.png`, mimeType: 'image/png', buffer };
}
/** Noise without a face, of about `megabytes`: something to send for a while. */
export function largePhoto(name, megabytes) {
  const script = `
import io, os, sys
from PIL import Image
side = int((float(sys.argv[1]) * 1e6 / 3) ** 0.5)
bytes = io.BytesIO()
Image.frombytes('RGB', (side, side), os.urandom(side * side * 3)).save(bytes, 'PNG', compress_level=0)
sys.stdout.buffer.write(bytes.getvalue())`;
  const buffer = execFileSync('/usr/bin/python3', ['-c', script, String(megabytes)], { maxBuffer: 1 << 28 });
  return { name, mimeType: 'image/png', buffer };
}
/** A file as the page's file input takes it. */
export const asFile = (name, source) => ({ name, mimeType: 'image/jpeg', buffer: readFileSync(source) });

export class Service {
  constructor(environment = {}) {
    this.folder = mkdtempSync(path.join(os.tmpdir(), 'gpen-browser-'));
    this.environment = environment;
    this.port = 0;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  async start() {
    this.process = spawn(
      GPEN,
      ['serve', '--host', '127.0.0.1', '--port', String(this.port), '--data-dir', path.join(this.folder, 'data')],
      {
        env: {
          ...process.env,
          GPEN_DISK_RESERVE_BYTES: '0',
          GPEN_PAUSE_BETWEEN_SECONDS: '0',
          GPEN_HEAT_ENABLED: 'false',
          ...this.environment,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let said = '';
    this.process.stderr.on('data', (text) => (said += text));
    this.port = await new Promise((resolve, reject) => {
      this.process.stdout.on('data', (text) => {
        said += text;
        const match = /:(\d+)\//.exec(said);
        if (match) resolve(Number(match[1]));
      });
      this.process.on('exit', () => reject(new Error(`gpen serve did not start: ${said}`)));
    });
    return this;
  }

  async stop() {
    const ended = new Promise((resolve) => this.process.on('exit', resolve));
    this.process.kill();
    await ended;
  }

  async end() {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async json(method, route, body) {
    const answer = await fetch(this.url + route, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } } : {}),
    });
    if (!answer.ok) throw new Error(`${method} ${route}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }
}

/** A service of one test, with `environment`. */
export async function withService(environment, use) {
  const service = await new Service(environment).start();
  try {
    await use(service);
  } finally {
    await service.end();
  }
}
