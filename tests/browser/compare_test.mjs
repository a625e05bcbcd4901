// Comparing: the original for as long as a key is held, side by side, full screen, keys anywhere, faces.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PHONE, card, openPage, restoreAndOpen, sendPhotos, shareService } from './browser.mjs';
import { asFile, group } from './service.mjs';

let service;
let browser;
shareService((...both) => ([service, browser] = both));

const transform = (page, nth = 0) => page.locator('.layer img').nth(nth).evaluate((image) => image.style.transform);
const clip = (page) => page.locator('.layer').nth(1).evaluate((layer) => layer.style.clipPath);

test('keys work wherever the focus is: zoom, the original, side by side, next, back', async () => {
  const page = await openPage(browser, service);
  for (const number of [1, 2]) {
    await sendPhotos(page, [asFile(`keys ${number}.jpg`, group(number))]);
    await card(page, `keys ${number}.jpg`).getByRole('link').waitFor();
  }
  await card(page, 'keys 2.jpg').getByRole('link').click();
  await page.locator('.divider').waitFor();
  const whole = await transform(page);
  await page.getByRole('button', { name: 'Delete', exact: true }).focus();
  await page.keyboard.press('+');
  assert.notEqual(await transform(page), whole);
  await page.keyboard.press('0');
  assert.equal(await transform(page), whole);
  // In a slider its own keys stay its own.
  const strength = page.getByRole('slider', { name: 'Strength for face 1' });
  await strength.focus();
  await page.keyboard.press('+');
  assert.notEqual(await transform(page), whole);
  await page.keyboard.press('0');
  assert.equal(await transform(page), whole);
  const address = page.url();
  await page.keyboard.press('ArrowLeft');
  assert.equal(await strength.inputValue(), '75');
  assert.equal(page.url(), address);
  await page.getByRole('button', { name: 'Delete', exact: true }).focus();
  const half = await clip(page);
  await page.keyboard.down('o');
  await page.waitForFunction((old) => document.querySelectorAll('.layer')[1].style.clipPath !== old, half);
  await page.locator('.divider').waitFor({ state: 'hidden' });
  await page.keyboard.up('o');
  await page.locator('.divider').waitFor();
  assert.equal(await clip(page), half);
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByText('Side by side').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.getByRole('heading', { name: 'keys 2.jpg' }).waitFor();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('heading', { name: 'keys 1.jpg' }).waitFor();
  await page.keyboard.press('ArrowLeft');
  await page.getByRole('heading', { name: 'keys 2.jpg' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: 'Your photos' }).waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

for (const [size, device] of Object.entries({ desktop: {}, phone: PHONE })) {
  test(`${size}: a face is shown whole on either side, also in full screen`, async () => {
    const page = await openPage(browser, service, device);
    await restoreAndOpen(page, asFile(`either-${size}.jpg`, group(3)));
    const job = (await service.json('GET', `/api/v1/jobs?text=either-${size}`)).jobs[0];
    const { box } = (await service.json('GET', job.result.report)).faces[0];
    await page.locator('.crop').first().scrollIntoViewIfNeeded();
    await page.getByRole('button', { name: 'Show face 1', exact: true }).click();
    await page.locator('.divider').waitFor({ state: 'hidden' });
    const isWhole = (nth) =>
      page.locator('.layer').nth(nth).evaluate((layer, [left, top, width, height]) => {
        const pane = layer.getBoundingClientRect();
        const image = layer.querySelector('img').getBoundingClientRect();
        const scale = image.width / layer.querySelector('img').offsetWidth;
        const [x, y] = [image.left + left * scale, image.top + top * scale];
        const isInX = x >= pane.left && x + width * scale <= pane.right;
        const isInY = y >= pane.top && y + height * scale <= pane.bottom;
        return isInX && isInY && pane.top >= 0 && pane.bottom <= innerHeight + 1 && width * scale > pane.width / 4;
      }, box);
    await page.waitForTimeout(600); // It scrolls smoothly.
    assert.deepEqual([await isWhole(0), await isWhole(1)], [true, true]);
    await page.getByRole('button', { name: 'Full screen' }).click();
    await page.waitForFunction(() => document.querySelector('.compare').clientHeight > innerHeight - 2);
    await page.keyboard.press('f');
    await page.waitForFunction(() => document.querySelector('.compare').clientHeight < innerHeight);
    await page.context().close();
  });
}

test('on a phone a swipe over the photo scrolls the page, and download stays within reach', async () => {
  const page = await openPage(browser, service, PHONE);
  await restoreAndOpen(page, asFile('swipe.jpg', group(4)));
  const session = await page.context().newCDPSession(page);
  const touch = (type, y) => {
    const touchPoints = type === 'touchEnd' ? [] : [{ x: 190, y }]; // Over the divider, too.
    return session.send('Input.dispatchTouchEvent', { type, touchPoints });
  };
  await touch('touchStart', 450);
  for (let y = 440; y >= 250; y -= 10) await touch('touchMove', y);
  await touch('touchEnd');
  await page.waitForFunction(() => scrollY > 100);
  const place = await page.getByRole('link', { name: 'Download' }).boundingBox();
  assert.ok(place.y + place.height <= 844 && place.y > 700, `at the foot of the screen: ${place.y}`);
  await service.json('POST', '/api/v1/queue/pause');
  await page.getByRole('link', { name: 'Paused' }).waitFor();
  await service.json('POST', '/api/v1/queue/resume');
  await page.context().close();
});

test('where the browser allows it, the result is handed to another app as a file', async () => {
  const page = await openPage(browser, service, PHONE);
  await restoreAndOpen(page, asFile('for grandma.jpg', group(4)));
  await page.getByRole('link', { name: 'Download' }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Share' }).count(), 0, 'not over HTTP');
  await page.addInitScript(() => {
    globalThis.shared = [];
    navigator.canShare = ({ files }) => files[0].type === 'image/jpeg';
    navigator.share = async ({ files: [file] }) => {
      shared.push({ name: file.name, type: file.type, size: file.size });
      if (shared.length > 1) throw new DOMException('', shared.length === 2 ? 'AbortError' : 'NotAllowedError');
    };
  });
  await page.reload();
  const address = await page.getByRole('link', { name: 'Download' }).getAttribute('href');
  const size = (await (await fetch(new URL(address, service.url))).arrayBuffer()).byteLength;
  const button = page.getByRole('button', { name: 'Share' });
  await button.click();
  await page.waitForFunction(() => shared.length === 1);
  assert.deepEqual(await page.evaluate(() => shared[0]), { name: 'for grandma.jpg', type: 'image/jpeg', size });
  const failed = page.getByText('cannot be shared').or(page.getByText('could not be shared'));
  await button.click(); // Whoever changes their mind is told nothing.
  await page.waitForFunction(() => shared.length === 2);
  assert.equal(await failed.count(), 0);
  await button.click();
  await failed.first().waitFor();
  await page.context().close();
});

test('all faces at once, and a long list folds', async () => {
  const page = await openPage(browser, service);
  await page.route('**/report', async (route) => {
    const report = await (await route.fetch()).json();
    report.faces = Array(29).fill(report.faces[0]);
    await route.fulfill({ json: report });
  });
  await page.route('**/blend', async (route) => {
    if (route.request().method() === 'POST') {
      const wanted = JSON.parse(route.request().postData());
      return route.fulfill({ json: { ...wanted, available: true, reason: null, adjusted: true, in_folder: null } });
    }
    const blend = await (await route.fetch()).json();
    await route.fulfill({ json: { ...blend, available: true, faces: Array(29).fill(80) } });
  });
  await restoreAndOpen(page, asFile('many.jpg', group(5)));
  await page.getByRole('heading', { name: '29 faces' }).waitFor();
  assert.equal(await page.locator('.crop').count(), 6);
  const sent = page.waitForRequest((request) => request.url().endsWith('/blend') && request.method() === 'POST');
  await page.getByRole('button', { name: 'All off' }).click();
  assert.deepEqual((await sent).postDataJSON().faces, Array(29).fill(0));
  await page.getByRole('button', { name: 'Show all 29' }).click();
  assert.equal(await page.locator('.crop').count(), 29);
  assert.equal(await page.getByRole('switch', { name: /^Restore face/, checked: true }).count(), 0);
  await page.context().close();
});

test('a photo is restored again with other settings, and the results are compared', async () => {
  const page = await openPage(browser, service);
  await restoreAndOpen(page, asFile('again.jpg', group(6)));
  const first = new URL(page.url()).hash;
  const uploads = [];
  page.on('request', (request) => {
    if (request.method() !== 'GET' && /uploads|\/jobs$/.test(request.url())) uploads.push(request.url());
  });
  await page.getByRole('button', { name: 'Restore again' }).click();
  await page.locator('#again-options').getByRole('button', { name: 'Strong' }).click();
  await page.locator('#again-options').getByRole('slider', { name: /Strength/ }).fill('100');
  await page.getByRole('button', { name: 'Restore with these settings' }).click();
  await page.getByText('Compared with the earlier result').waitFor();
  await page.locator('.divider').waitFor();
  const images = await page.locator('.layer img').evaluateAll((list) => list.map((image) => image.getAttribute('src')));
  assert.equal(images[0], `/api/v1/jobs/${first.split('/').at(-1)}/view/after`);
  const job = (await service.json('GET', '/api/v1/jobs?text=again')).jobs[0];
  assert.deepEqual([job.options.mode, job.options.strength], ['strong', 100]);
  assert.deepEqual(uploads, [], 'nothing was sent again');
  await page.getByRole('link', { name: 'Compare with the original' }).click();
  await page.waitForFunction(() => document.querySelector('.layer img').getAttribute('src').endsWith('/view/before'));
  await page.context().close();
});
