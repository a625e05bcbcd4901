// No photo is lost on its way: slow links, outages, reloads, several pages, folders.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { PHONE, card, dropPaths, openPage, openTab, sendPhotos, shareService, throttle } from './browser.mjs';
import { asFile, group, largePhoto } from './service.mjs';

let service;
let browser;
shareService((...both) => ([service, browser] = both));

const rows = (page) => page.locator('section', { hasText: 'In progress' }).locator('li');
const named = async (text) => (await service.json('GET', `/api/v1/jobs?text=${text}`)).jobs;
async function until(holds, what) {
  for (let i = 0; i < 600; ++i) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`in vain: ${what}`);
}

for (const [size, device] of Object.entries({ desktop: {}, phone: PHONE })) {
  test(`${size}: a reload during a slow upload loses no photo, and they stay one batch`, async () => {
    const page = await openPage(browser, service, device);
    await throttle(page, 40_000);
    const photos = [1, 2, 3, 4].map((number) => asFile(`${size} reload ${number}.jpg`, group(number)));
    await sendPhotos(page, photos);
    await rows(page).getByText(/^Sending, [1-9]/).waitFor();
    await page.waitForTimeout(300); // For the browser to have them all.
    await page.reload();
    await rows(page).filter({ hasText: `${size} reload 4` }).waitFor();
    await throttle(page, 0);
    await until(async () => (await named(`${size}%20reload`)).length === 4, 'four jobs');
    const jobs = await named(`${size}%20reload`);
    assert.equal(new Set(jobs.map((job) => job.batch)).size, 1);
    assert.ok(jobs[0].batch);
    await page.getByText('Sending').first().waitFor({ state: 'detached' });
    assert.equal((await named(`${size}%20reload`)).length, 4, 'and none is there twice');
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
}

test('after an outage the rest of a photo is sent, and no byte twice', async () => {
  const page = await openPage(browser, service);
  const offsets = [];
  page.on('request', (request) => {
    if (request.method() === 'PATCH') offsets.push(Number(new URL(request.url()).searchParams.get('offset')));
  });
  await throttle(page, 700_000);
  await sendPhotos(page, [largePhoto('outage.png', 7)]);
  await rows(page).getByText(/^Sending, [1-9]\d%/).waitFor();
  await throttle(page, 0, true);
  await rows(page).getByText(/The service does not answer/).waitFor();
  await throttle(page, 0);
  await until(async () => (await named('outage')).length === 1, 'the photo has arrived');
  assert.ok(offsets.at(-1) > 0, `goes on, and does not begin anew: ${offsets}`);
  assert.deepEqual(offsets, [...offsets].sort((a, b) => a - b));
  await page.context().close();
});

test('a service that was started anew gets what it has forgotten', async () => {
  const page = await openPage(browser, service);
  await throttle(page, 700_000);
  await sendPhotos(page, [largePhoto('restart.png', 6)]);
  await rows(page).getByText(/^Sending, [1-9]\d%/).waitFor();
  await service.stop();
  await rows(page).getByText(/The service does not answer/).waitFor();
  await service.start();
  await throttle(page, 0);
  await until(async () => (await named('restart')).length === 1, 'the photo has arrived');
  await page.context().close();
});

test('photos that are added while the service is away are sent when it is back, from a later page too', async () => {
  const page = await openPage(browser, service);
  await page.getByRole('button', { name: 'Choose photos' }).waitFor();
  await page.route('**/api/v1/uploads*', (route) => route.abort());
  await page.route('**/api/v1/batches', (route) => route.abort());
  await sendPhotos(page, [asFile('away a.jpg', group(2)), asFile('away b.jpg', group(3))]);
  await rows(page).getByText(/The service does not answer/).waitFor();
  await page.waitForTimeout(500);
  const context = page.context();
  await page.close();
  const later = await openTab(context, service);
  await card(later, 'away a.jpg').getByRole('link').waitFor();
  await card(later, 'away b.jpg').getByRole('link').waitFor();
  await context.close();
});

test('two pages show what is sent, one of them sends it, and the other takes over', async () => {
  const first = await openPage(browser, service);
  await throttle(first, 30_000);
  await sendPhotos(first, [asFile('shared.jpg', group(5))]);
  await rows(first).getByText(/^Sending/).waitFor();
  const second = await openTab(first.context(), service);
  await rows(second).filter({ hasText: 'shared.jpg' }).getByText(/^Sending/).waitFor();
  await first.close();
  await card(second, 'shared.jpg').getByRole('link').waitFor();
  assert.equal((await named('shared')).length, 1);
  await second.context().close();
});

test('who leaves while photos are sent is warned, and who has none is not', async () => {
  const page = await openPage(browser, service);
  const asked = [];
  page.on('dialog', async (dialog) => {
    asked.push(dialog.type());
    await dialog.dismiss();
  });
  await page.getByRole('heading', { name: 'Bring faces back' }).click();
  await throttle(page, 20_000);
  await sendPhotos(page, [asFile('warned.jpg', group(6))]);
  await rows(page).getByText(/^Sending/).waitFor();
  await page.close({ runBeforeUnload: true });
  await until(() => asked.length === 1, 'a question');
  assert.deepEqual(asked, ['beforeunload']);
  await page.getByRole('button', { name: 'Remove warned.jpg' }).click();
  await rows(page).first().waitFor({ state: 'detached' });
  await page.reload();
  assert.equal(asked.length, 1);
  await page.context().close();
});

test('a folder is read with its subfolders, on every page', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'gpen-dropped-'));
  const deep = path.join(folder, 'album', '1931', 'spring');
  mkdirSync(deep, { recursive: true });
  copyFileSync(group(1), path.join(folder, 'album', 'top photo.jpg'));
  copyFileSync(group(2), path.join(deep, 'deep photo.jpg'));
  writeFileSync(path.join(deep, 'notes.txt'), 'who is who');
  writeFileSync(path.join(deep, '.hidden.jpg'), 'no photo');
  const page = await openPage(browser, service, {}, '/#/settings');
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  await dropPaths(page, [path.join(folder, 'album')]);
  await page.getByText('2 photos added.').waitFor();
  await page.getByText('1 file that is no photo was left out.').waitFor();
  await page.getByRole('link', { name: 'All photos' }).click();
  await card(page, 'deep photo.jpg').getByRole('link').waitFor();
  await card(page, 'top photo.jpg').getByRole('link').click();
  await page.locator('.divider').waitFor();
  await dropPaths(page, [path.join(deep, 'deep photo.jpg')]);
  await page.getByText('1 photo added.').waitFor();
  await until(async () => (await named('deep%20photo')).length === 2, 'dropped over a photo');
  rmSync(folder, { recursive: true });
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('a picture is pasted on every page', async () => {
  const page = await openPage(browser, service, {}, '/#/settings');
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  await page.evaluate(async (bytes) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], 'pasted.jpg', { type: 'image/jpeg' }));
    document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
  }, [...asFile('pasted.jpg', group(3)).buffer]);
  await page.getByText('1 photo added.').waitFor();
  await until(async () => (await named('pasted')).length === 1, 'the photo has arrived');
  await page.context().close();
});

test('a photo that somebody waits for opens itself, and one that nobody waits for does not', async () => {
  const page = await openPage(browser, service);
  await page.evaluate(() => localStorage.setItem('gpen-preferences', '{"openFinished":true}'));
  await page.reload();
  await page.getByRole('button', { name: 'Choose photos' }).waitFor();
  await sendPhotos(page, [asFile('awaited.jpg', group(4))]);
  await page.getByRole('heading', { name: 'awaited.jpg' }).waitFor();
  await page.locator('.divider').waitFor();
  await page.getByRole('link', { name: 'All photos' }).click();
  await service.json('POST', '/api/v1/queue/pause');
  await sendPhotos(page, [asFile('left alone.jpg', group(6))]);
  await rows(page).filter({ hasText: 'left alone.jpg' }).waitFor();
  await page.mouse.wheel(0, 200);
  await service.json('POST', '/api/v1/queue/resume');
  await card(page, 'left alone.jpg').getByRole('link').waitFor();
  assert.equal(new URL(page.url()).hash, '#/');
  await page.context().close();
});
