// A batch tells the truth, and several photos are handled at once.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PHONE, card, openPage, openTab, sendPhotos, shareService } from './browser.mjs';
import { asFile, group } from './service.mjs';

let service;
let browser;
shareService((...both) => ([service, browser] = both));

for (const [size, device] of Object.entries({ desktop: {}, phone: PHONE })) {
  test(`${size}: what cannot be read stays in its batch with the reason, in every tab and after a reload`, async () => {
    const page = await openPage(browser, service, device);
    const letter = { name: `${size} letter.jpg`, mimeType: 'image/jpeg', buffer: Buffer.from('Dear all') };
    await sendPhotos(page, [asFile(`${size} a.jpg`, group(1)), letter, asFile(`${size} b.jpg`, group(2))]);
    await card(page, `${size} b.jpg`).getByRole('link').waitFor();
    const { batch } = (await service.json('GET', `/api/v1/jobs?text=${size}%20letter`)).jobs[0];
    const look = async (tab) => {
      await tab.getByText('2 of 3 restored · 1 failed').waitFor();
      await tab.getByText(/1 photo: This is not a photo that can be restored\. .*letter\.jpg/).waitFor();
      assert.equal(await tab.getByRole('button', { name: `Try ${size} letter.jpg again` }).count(), 0);
    };
    await page.goto(`${service.url}/#/batch/${batch}`);
    await look(page);
    await page.reload();
    await look(page);
    await look(await openTab(page.context(), service, `/#/batch/${batch}`));
    await page.context().close();
  });
}

test('the time left counts the pauses, and the tab\'s title tells how many are left', async () => {
  const page = await openPage(browser, service);
  await sendPhotos(page, [asFile('speed.jpg', group(3))]);
  await card(page, 'speed.jpg').getByRole('link').waitFor();
  await service.json('POST', '/api/v1/queue/pause');
  await service.json('PATCH', '/api/v1/settings', { pause_between_seconds: 300 });
  await page.reload();
  await sendPhotos(page, [4, 5, 6].map((number) => asFile(`left ${number}.jpg`, group(number))));
  await page.waitForFunction(() => document.title.startsWith('3 photos left'));
  await page.getByText(/about 1[5-9] min left/).waitFor();
  await service.json('PATCH', '/api/v1/settings', { pause_between_seconds: 0 });
  await service.json('POST', '/api/v1/queue/resume');
  await page.waitForFunction(() => document.title === 'GPEN-NAS', null, { timeout: 240_000 });
  await page.context().close();
});

test('several are chosen by mouse, shift and keys, downloaded, deleted, brought back, restored again', async () => {
  const page = await openPage(browser, service);
  for (const number of [1, 2, 3, 4]) {
    await sendPhotos(page, [asFile(`pick ${number}.jpg`, group(number))]);
    await card(page, `pick ${number}.jpg`).getByRole('link').waitFor();
  }
  await page.getByText('Finished photos are deleted after 30 days').waitFor();
  await page.getByRole('heading', { name: 'today' }).waitFor();
  await page.getByRole('searchbox').fill('pick');
  await page.getByRole('button', { name: 'Select', exact: true }).click();
  await page.getByRole('checkbox', { name: 'Select pick 4.jpg' }).click();
  await page.getByRole('checkbox', { name: 'Select pick 2.jpg' }).click({ modifiers: ['Shift'] });
  await page.getByText('3 selected').waitFor();
  await page.getByRole('checkbox', { name: 'Select pick 4.jpg' }).press('Space');
  await page.getByText('2 selected').waitFor();
  // All of a card chooses, and opens nothing.
  await card(page, 'pick 1.jpg').locator('img').click();
  await page.getByText('3 selected').waitFor();
  await card(page, 'pick 1.jpg').locator('img').click();
  await page.getByText('2 selected').waitFor();
  const bar = page.getByRole('group', { name: 'Select' });
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    bar.getByRole('button', { name: 'Download' }).click(),
  ]);
  const bytes = readFileSync(await download.path());
  const has = (number) => bytes.includes(`pick ${number}.restored.jpg`);
  assert.deepEqual([1, 2, 3, 4].map(has), [false, true, true, false]);
  await bar.getByRole('button', { name: 'Delete' }).click();
  await card(page, 'pick 2.jpg').waitFor({ state: 'detached' });
  await page.getByText('2 photos deleted').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await card(page, 'pick 2.jpg').waitFor();
  await page.getByRole('button', { name: 'Select', exact: true }).click();
  await page.getByRole('checkbox', { name: 'Select pick 1.jpg' }).click();
  await bar.getByRole('button', { name: 'Restore again' }).click();
  await page.waitForFunction(() => document.querySelectorAll('ul.grid li').length === 5);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
