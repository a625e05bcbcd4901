// What is deleted can be brought back; what is pinned stays.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PHONE, card, openPage, openTab, sendPhotos, shareService } from './browser.mjs';
import { Service, asFile, coffee } from './service.mjs';

let service;
let browser;
shareService((...both) => ([service, browser] = both));

const openBin = (page) => page.getByRole('button', { name: 'Bin', exact: true }).click();
const openPhotos = (page) => page.getByRole('button', { name: 'Photos', exact: true }).click();

// Equal photos: only the first one is computed.
async function restored(page, ...names) {
  for (const name of names) {
    await sendPhotos(page, [asFile(name, coffee())]);
    await card(page, name).getByRole('link').waitFor();
  }
}

for (const [size, device] of Object.entries({ desktop: {}, phone: PHONE })) {
  test(`${size}: a deleted photo is in the bin, in every tab, and is put back or deleted for good`, async () => {
    const page = await openPage(browser, service, device);
    const [one, two, three] = [1, 2, 3].map((number) => `${size} ${number}.jpg`);
    await restored(page, one, two, three);
    await card(page, one).getByText(/until /).waitFor();
    const other = await openTab(page.context(), service);
    await card(other, one).waitFor();
    await card(page, one).getByRole('link').click();
    await page.getByText(/It is deleted on .*, unless you pin it/).waitFor();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText(`${one} deleted; in the bin until`).waitFor();
    await card(other, one).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    for (const tab of [page, other]) await card(tab, one).getByRole('link').waitFor();

    await page.getByRole('button', { name: 'Select', exact: true }).click();
    for (const name of [one, two, three]) await page.getByRole('checkbox', { name: `Select ${name}` }).click();
    await page.getByRole('group', { name: 'Select' }).getByRole('button', { name: 'Delete' }).click();
    await page.getByText('3 photos deleted; in the bin until').waitFor();
    await openBin(page);
    const left = card(page, one).getByText('7 days left');
    await left.waitFor();
    const picture = card(page, one).locator('img');
    await picture.scrollIntoViewIfNeeded();
    await page.waitForFunction((image) => image.naturalWidth > 0, await picture.elementHandle());
    await page.getByRole('button', { name: `Put ${one} back` }).click();
    await card(page, one).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: `Delete ${two} for good` }).click();
    await page.getByText('Delete 1 photo for good?').waitFor();
    await page.getByRole('button', { name: 'Keep' }).click();
    await card(page, two).waitFor();
    await page.getByRole('button', { name: `Delete ${two} for good` }).click();
    await page.getByRole('button', { name: 'Delete for good', exact: true }).click();
    await card(page, two).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Empty the bin' }).click();
    await page.getByRole('button', { name: 'Delete for good', exact: true }).click();
    await page.getByText('The bin is empty').waitFor();
    await openPhotos(page);
    await card(page, one).getByRole('link').waitFor();
    assert.equal(await card(page, two).count(), 0);
    const { jobs } = await service.json('GET', `/api/v1/jobs?text=${size}`);
    assert.deepEqual(jobs.map((job) => job.name), [one]);
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });

  test(`${size}: a batch is deleted with one tap, and comes back`, async () => {
    const page = await openPage(browser, service, device);
    await sendPhotos(page, [asFile(`${size} a.jpg`, coffee()), asFile(`${size} b.jpg`, coffee())]);
    await card(page, `${size} b.jpg`).getByRole('link').waitFor();
    const { batch } = (await service.json('GET', `/api/v1/jobs?text=${size}%20a`)).jobs[0];
    await page.goto(`${service.url}/#/batch/${batch}`);
    await page.getByText('2 of 2 restored').waitFor();
    await page.getByRole('button', { name: 'Delete the batch' }).click();
    await page.getByRole('heading', { name: 'Your photos' }).waitFor();
    await card(page, `${size} b.jpg`).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await card(page, `${size} b.jpg`).getByRole('link').waitFor();
    assert.equal((await service.json('GET', `/api/v1/batches/${batch}`)).counts.done, 2);
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });

  test(`${size}: photos are pinned, one and several, and say so`, async () => {
    const page = await openPage(browser, service, device);
    const [one, two] = [1, 2].map((number) => `${size} pin ${number}.jpg`);
    await restored(page, one, two);
    await card(page, one).getByRole('link').click();
    await page.getByRole('button', { name: 'Pin', exact: true }).click();
    await page.getByText('Pinned: it stays until you delete it.').waitFor();
    await page.getByRole('button', { name: 'Unpin' }).waitFor();
    await page.getByRole('link', { name: 'All photos' }).click();
    await card(page, one).getByText('Pinned').waitFor();
    const bar = page.getByRole('group', { name: 'Select' });
    const choose = async () => {
      await page.getByRole('button', { name: 'Select', exact: true }).click();
      for (const name of [one, two]) await page.getByRole('checkbox', { name: `Select ${name}` }).click();
    };
    await choose();
    await bar.getByRole('button', { name: 'Pin', exact: true }).click();
    await card(page, two).getByText('Pinned').waitFor();
    await choose();
    await bar.getByRole('button', { name: 'Unpin' }).click();
    await card(page, one).getByText(/until /).waitFor();
    const { jobs } = await service.json('GET', `/api/v1/jobs?text=${size}%20pin`);
    assert.deepEqual(jobs.map((job) => job.pinned), [false, false]);
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
}

test('without a bin, a deletion can still be taken back for some seconds', async () => {
  const other = await new Service({ GPEN_BIN_DAYS: '0' }).start();
  const page = await openPage(browser, other);
  await restored(page, 'gone.jpg');
  assert.equal(await page.getByRole('button', { name: 'Bin', exact: true }).count(), 0);
  await card(page, 'gone.jpg').getByRole('link').click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByText('gone.jpg deleted').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await card(page, 'gone.jpg').getByRole('link').click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByText('gone.jpg deleted').waitFor();
  await page.reload();
  await page.getByText('Nothing here yet').waitFor();
  await page.context().close();
  await other.end();
});
