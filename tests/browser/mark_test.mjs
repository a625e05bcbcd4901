// A face that was missed is marked by hand, and one that should stay as it is is left alone.
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
