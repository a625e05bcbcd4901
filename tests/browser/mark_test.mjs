// What was missed, a face or damage, is marked by hand; what should stay as it is, a face or what was taken for damage,
// is left alone.
import { readFileSync } from 'node:fs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PHONE, difference, openPage, restoreAndOpen, savePicture, shareService } from './browser.mjs';
import { asFile, coffee, wornGroup } from './service.mjs';

let service;
let browser;
shareService((...both) => ([service, browser] = both));

const reportOf = async (id) => service.json('GET', (await service.json('GET', `/api/v1/jobs/${id}`)).result.report);
const shownId = (page) => Number(/#\/photo\/(\d+)/.exec(page.url())[1]);

/** Waits until the page shows another job than `id`, and its result. */
async function nextResult(page, id) {
  await page.waitForFunction((old) => !new RegExp(`#/photo/${old}(/|$)`).test(location.hash), id);
  await page.locator('.divider').waitFor();
  return shownId(page);
}

/** The corners of `box` (pixels of the photo) on the screen, once the page no longer glides to the photo. */
async function onScreen(page, [left, top, width, height]) {
  await page.evaluate(async () => {
    const frame = () => new Promise((shown) => requestAnimationFrame(shown));
    const place = () => document.querySelector('.layer img').getBoundingClientRect().top;
    for (let last = NaN, alike = 0; alike < 6; await frame()) {
      alike = place() === last ? alike + 1 : 0;
      last = place();
    }
  });
  const [x, y, scale] = await page.locator('.layer img').first().evaluate((image) => {
    const bounds = image.getBoundingClientRect();
    return [bounds.left, bounds.top, bounds.width / image.offsetWidth];
  });
  return [x + left * scale, y + top * scale, x + (left + width) * scale, y + (top + height) * scale];
}

test('a box drawn with the mouse is the face that is restored, beside the earlier result', async () => {
  const page = await openPage(browser, service);
  await restoreAndOpen(page, asFile('cup.png', coffee()));
  await page.getByText('No face was found').waitFor();
  const first = shownId(page);
  await page.getByRole('button', { name: 'A face is missing' }).click();
  const wanted = [180, 90, 150, 160];
  const [x0, y0, x1, y1] = await onScreen(page, wanted);
  await page.mouse.move(x0, y0);
  await page.mouse.down();
  await page.mouse.move((x0 + x1) / 2, (y0 + y1) / 2);
  await page.mouse.move(x1, y1);
  await page.mouse.up();
  await savePicture(page, 'photo-mark-face');
  await page.getByRole('button', { name: 'Restore this face too' }).click();
  const second = await nextResult(page, first);
  const { faces } = await reportOf(second);
  assert.equal(faces.length, 1);
  assert.equal(faces[0].by_hand, true);
  const job = await service.json('GET', `/api/v1/jobs/${second}`);
  const sent = job.options.face.split(',').map(Number);
  sent.forEach((value, i) => assert.ok(Math.abs(value - wanted[i]) <= 3, `${sent} is drawn, ${wanted} was meant`));
  await page.getByText('marked by hand').waitFor();
  await page.getByText('Compared with the earlier result').waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('the box is moved and sized by keys, and Escape puts it away', async () => {
  const page = await openPage(browser, service);
  await restoreAndOpen(page, asFile('keys.png', coffee()));
  await page.getByRole('button', { name: 'A face is missing' }).click();
  const box = page.getByRole('group', { name: 'Box around the face' });
  const at = () => box.boundingBox();
  const before = await at();
  await box.focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Shift+ArrowRight');
  const moved = await at();
  const near = (found, expected, what) => assert.ok(Math.abs(found - expected) <= 2, `${what}: ${found}, ${expected}`);
  near(moved.x, before.x - 10, 'left');
  near(moved.y, before.y + 10, 'top');
  near(moved.width, before.width + 10, 'width');
  near(moved.height, before.height, 'height');
  await page.keyboard.press('Escape');
  await box.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'A face is missing' }).waitFor();
  await page.context().close();
});

test('on a phone the box is drawn with a finger without moving the photo', async () => {
  const page = await openPage(browser, service, PHONE);
  await restoreAndOpen(page, asFile('finger.png', coffee()));
  await page.getByRole('button', { name: 'A face is missing' }).click();
  const [x0, y0, x1, y1] = await onScreen(page, [100, 60, 120, 140]);
  const where = () => page.locator('.layer img').first().evaluate((image) => image.style.transform);
  const before = await where();
  const session = await page.context().newCDPSession(page);
  const touch = (type, ...touchPoints) => session.send('Input.dispatchTouchEvent', { type, touchPoints });
  await touch('touchStart', { x: x0, y: y0 });
  await touch('touchMove', { x: (x0 + x1) / 2, y: (y0 + y1) / 2 });
  await touch('touchMove', { x: x1, y: y1 });
  await touch('touchEnd');
  assert.equal(await where(), before);
  const box = await page.getByRole('group', { name: 'Box around the face' }).boundingBox();
  assert.ok(Math.abs(box.x - x0) <= 3 && Math.abs(box.width - (x1 - x0)) <= 5, JSON.stringify([box, x0, x1]));
  await savePicture(page, 'phone-mark-face');
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await page.getByRole('button', { name: 'A face is missing' }).waitFor();
  await page.context().close();
});

test('a face that should stay as it is is left alone', async () => {
  const page = await openPage(browser, service);
  await restoreAndOpen(page, wornGroup(1));
  await page.getByRole('heading', { name: '3 faces' }).waitFor();
  const first = shownId(page);
  const { box } = (await reportOf(first)).faces[0];
  const changed = await difference(page, box);
  await page.getByRole('button', { name: 'Leave face 1 alone' }).click();
  const second = await nextResult(page, first);
  const restored = (await reportOf(second)).faces.filter((face) => !face.skipped);
  assert.equal(restored.length, 2);
  await page.getByRole('link', { name: 'Compare with the original' }).click();
  await page.waitForFunction(
    (id) => [...document.querySelectorAll('.layer img')].every((image) => image.src.includes(`/jobs/${id}/`)), second);
  const left = await difference(page, box); // Of the encoding.
  assert.ok(left < changed / 2, `${left}, and ${changed} where it was restored`);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

/** A picture with an upright white scratch at 150 pixels, drawn by the page. */
async function scratched(page) {
  const drawn = await page.evaluate(async (source) => {
    const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytesOf(source)]));
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    const context = canvas.getContext('2d');
    context.drawImage(picture, 0, 0);
    context.fillStyle = '#fafafa';
    context.fillRect(149, 0, 2, picture.height);
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer());
    return btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ''));
  }, readFileSync(coffee()).toString('base64'));
  return { name: 'scratched.png', mimeType: 'image/png', buffer: Buffer.from(drawn, 'base64') };
}

/** Draws a straight stroke with the mouse, between two points of the photo. */
async function stroke(page, from, to) {
  const [x0, y0, x1, y1] = await onScreen(page, [...from, to[0] - from[0], to[1] - from[1]]);
  await page.mouse.move(x0, y0);
  await page.mouse.down();
  await page.mouse.move((x0 + x1) / 2, (y0 + y1) / 2, { steps: 5 });
  await page.mouse.move(x1, y1, { steps: 5 });
  await page.mouse.up();
}

const strokesOf = (text) => text.split(';').map((each) => each.split(',').map(Number));

test('what is drawn over is filled, and what was found by mistake is left', async () => {
  const page = await openPage(browser, service);
  await restoreAndOpen(page, await scratched(page));
  const first = shownId(page);
  await page.getByRole('button', { name: 'A scratch is left' }).click();
  assert.equal(await page.getByRole('group', { name: 'Draw over' }).count(), 0, 'nothing was found yet');
  const fill = page.getByRole('button', { name: 'Apply', exact: true });
  assert.equal(await fill.isEnabled(), false);
  await stroke(page, [150, 10], [150, 390]);
  await stroke(page, [300, 100], [400, 200]);
  await savePicture(page, 'photo-brush');
  await page.getByRole('button', { name: 'Undo' }).click();
  await fill.click();
  const second = await nextResult(page, first);
  const { damage } = (await service.json('GET', `/api/v1/jobs/${second}`)).options;
  const [[width, ...points], ...others] = strokesOf(damage);
  assert.equal(others.length, 0, 'the second stroke was undone');
  assert.equal(width, 5);
  for (const x of points.filter((_, i) => i % 2 === 0)) assert.ok(Math.abs(x - 150) <= 2, `${x}`);
  const report = await reportOf(second);
  assert.equal(report.repaired_places, 1);
  assert.ok(report.repaired_share > 0.005 && report.repaired_share < 0.02, `${report.repaired_share}`);
  await page.getByText('1 place was repaired.').waitFor();

  // What was drawn can be taken back.
  await page.getByRole('button', { name: 'A scratch is left' }).click();
  const drawn = page.locator('svg path[stroke-width]');
  assert.equal(await drawn.count(), 1);
  assert.equal(await fill.isEnabled(), false);
  await page.keyboard.press('ArrowRight');
  assert.equal(shownId(page), second, 'the arrows move the picture');
  await page.getByRole('button', { name: 'Undo' }).click();
  assert.equal(await drawn.count(), 0);
  assert.equal(await fill.isEnabled(), true);
  await page.keyboard.press('Escape'); // Nothing new is left to be undone.
  await fill.waitFor({ state: 'detached' });

  // The network finds the same scratch, and is told that it is none.
  const third = (await service.json('POST', `/api/v1/jobs/${second}/again`, { repair: 100, damage: '' })).id;
  await page.goto(`${service.url}/#/photo/${third}`);
  await page.getByText(/places? (was|were) repaired/).waitFor();
  const found = (await reportOf(third)).repaired_share;
  assert.ok(found > 0.002, `${found}`);
  await page.getByRole('button', { name: 'A scratch is left' }).click();
  await page.getByRole('group', { name: 'Draw over' }).getByRole('button', { name: 'no damage' }).click();
  await page.getByRole('slider', { name: 'Brush' }).fill('20');
  await stroke(page, [150, 0], [150, 399]);
  await savePicture(page, 'photo-brush-undamaged');
  await fill.click();
  const fourth = await nextResult(page, third);
  const left = (await reportOf(fourth)).repaired_share;
  assert.ok(found - left > 0.004, `${left}, and ${found} before`); // Four pixels of 600.
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('what no longer fits is said before it is drawn', async () => {
  const page = await openPage(browser, service);
  await restoreAndOpen(page, asFile('full.png', coffee()));
  const dots = Array.from({ length: 1999 }, (_, i) => `2,${20 + 10 * (i % 50)},${20 + 5 * Math.floor(i / 50)}`);
  const again = await service.json('POST', `/api/v1/jobs/${shownId(page)}/again`, { damage: dots.join(';') });
  await page.goto(`${service.url}/#/photo/${again.id}`);
  await page.getByText(/places? (was|were) repaired/).waitFor();
  await page.getByRole('button', { name: 'A scratch is left' }).click();
  const drawn = page.locator('svg path[stroke-width]');
  const full = page.getByText('No more strokes fit');
  assert.equal(await drawn.count(), 1999);
  assert.equal(await full.count(), 0);
  await stroke(page, [300, 300], [400, 350]); // Of its points only the first fits.
  await full.waitFor();
  await stroke(page, [100, 300], [200, 350]);
  assert.equal(await drawn.count(), 2000);
  await page.getByRole('button', { name: 'Undo' }).click();
  await full.waitFor({ state: 'detached' });
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('on a phone one finger draws and two make the photo larger', async () => {
  const page = await openPage(browser, service, PHONE);
  await restoreAndOpen(page, asFile('strokes.png', coffee()));
  await page.getByRole('button', { name: 'A scratch is left' }).click();
  const [x0, y0, x1, y1] = await onScreen(page, [100, 60, 200, 140]);
  const transform = () => page.locator('.layer img').first().evaluate((image) => image.style.transform);
  const strokes = page.locator('svg path[stroke-width]');
  const before = await transform();
  const session = await page.context().newCDPSession(page);
  const touch = (type, ...touchPoints) => session.send('Input.dispatchTouchEvent', { type, touchPoints });
  await touch('touchStart', { x: x0, y: y0, id: 1 });
  await touch('touchMove', { x: x1, y: y1, id: 1 });
  await touch('touchEnd');
  assert.equal(await strokes.count(), 1);
  assert.equal(await transform(), before);
  await touch('touchStart', { x: x0, y: y0, id: 1 });
  await touch('touchStart', { x: x0, y: y0, id: 1 }, { x: x1, y: y1, id: 2 });
  await touch('touchMove', { x: x0 - 20, y: y0 - 20, id: 1 }, { x: x1 + 30, y: y1 + 30, id: 2 });
  await touch('touchEnd');
  assert.notEqual(await transform(), before);
  assert.equal(await strokes.count(), 1, 'two fingers draw nothing');
  await savePicture(page, 'phone-brush');
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  assert.equal(await strokes.count(), 0);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
