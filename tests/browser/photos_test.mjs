// Photos through the page: sending, progress, comparing, failing, batches, history.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ENGLISH, card, openPage, restoreAndOpen, sendPhotos, shareService, throttle } from './browser.mjs';
import { asFile, coffee, group, portrait } from './service.mjs';

let service;
let browser;
shareService((...both) => ([service, browser] = both));

test('a photo is sent, restored with progress, and appears', async () => {
  const page = await openPage(browser, service);
  await page.getByText('Nothing here yet').waitFor();
  await service.json('POST', '/api/v1/queue/pause');
  await sendPhotos(page, [asFile('family.jpg', group(1))]);
  const row = page.locator('section', { hasText: 'In progress' }).locator('li', { hasText: 'family.jpg' });
  await row.getByText('Waiting', { exact: true }).waitFor();
  await page.getByText('Paused. Photos wait').waitFor();
  const seen = page.evaluate(
    () =>
      new Promise((resolve) => {
        const values = new Set();
        const look = () => {
          const bar = document.querySelector('section li progress');
          if (bar) values.add(bar.value);
          if (document.querySelector('ul.grid li a')) resolve([...values]);
          else requestAnimationFrame(look);
        };
        look();
      }),
  );
  await page.getByRole('button', { name: 'Continue' }).click();
  await card(page, 'family.jpg').getByRole('link').waitFor();
  const values = await seen;
  assert.ok(values.length >= 2, `progress moved: ${values}`);
  assert.ok(values.every((value, index) => index === 0 || value >= values[index - 1]), `never back: ${values}`);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('before and after at full size: divider by mouse and keys, zoom, pan', async () => {
  const page = await openPage(browser, service);
  await restoreAndOpen(page, asFile('group.jpg', group(2)));
  const divider = page.getByRole('slider', { name: 'Divider' });
  assert.equal(await divider.getAttribute('aria-valuenow'), '50');
  const stage = await page.locator('.stage .stage').boundingBox();
  await page.mouse.move(stage.x + stage.width / 2, stage.y + 40);
  await page.mouse.down();
  await page.mouse.move(stage.x + stage.width / 4, stage.y + 60, { steps: 4 });
  await page.mouse.up();
  assert.equal(await divider.getAttribute('aria-valuenow'), '25');
  await divider.focus();
  await page.keyboard.press('ArrowRight');
  assert.equal(await divider.getAttribute('aria-valuenow'), '27');
  await page.keyboard.press('End');
  assert.equal(await divider.getAttribute('aria-valuenow'), '100');

  const images = await page.locator('.layer img').evaluateAll((list) => list.map((image) => image.naturalWidth));
  const job = (await service.json('GET', '/api/v1/jobs?text=group.jpg')).jobs[0];
  const report = await service.json('GET', job.result.report);
  assert.deepEqual(images, [report.width, report.width], 'both sides have all pixels');

  const where = () => page.locator('.layer img').first().evaluate((image) => image.style.transform);
  const whole = await where();
  await page.keyboard.press('+');
  const larger = await where();
  assert.notEqual(larger, whole);
  await page.mouse.move(stage.x + stage.width / 2, stage.y + 100);
  await page.mouse.down();
  await page.mouse.move(stage.x + stage.width / 2 - 60, stage.y + 130);
  await page.mouse.up();
  assert.notEqual(await where(), larger, 'a larger photo is moved by the mouse');
  await page.getByRole('button', { name: 'Show the whole photo' }).click();
  assert.equal(await where(), whole);
  await page.mouse.move(stage.x + 100, stage.y + 200);
  await page.mouse.wheel(0, -300);
  await page.waitForFunction(
    (old) => document.querySelector('.layer img').style.transform !== old,
    whole,
  );
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('the result is downloaded under the photo\'s own name', async () => {
  const page = await openPage(browser, service);
  await restoreAndOpen(page, asFile('祖母.jpg', group(3)));
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), '祖母.restored.jpg');
  const bytes = readFileSync(await download.path());
  assert.deepEqual([...bytes.subarray(0, 3)], [0xff, 0xd8, 0xff]);
  await page.context().close();
});

test('a photo without a face says so', async () => {
  const page = await openPage(browser, service);
  await sendPhotos(page, [coffee()]);
  await card(page, 'coffee.png').getByText('No face').waitFor();
  await card(page, 'coffee.png').getByRole('link').click();
  await page.getByText('No face was found, so nothing was changed.').waitFor();
  await page.context().close();
});

test('a picture restored as a whole is not told to have no face; a photo opened too early appears', async () => {
  const form = new FormData();
  form.set('image', new Blob([readFileSync(portrait())]), 'whole.png');
  form.set('aligned', 'true');
  await service.json('POST', '/api/v1/queue/pause');
  const { jobs } = await (await fetch(`${service.url}/api/v1/jobs`, { method: 'POST', body: form })).json();
  const page = await openPage(browser, service, {}, `/#/photo/${jobs[0].id}`);
  await page.getByRole('heading', { name: 'whole.png' }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'Download' }).count(), 0);
  await service.json('POST', '/api/v1/queue/resume');
  await page.getByRole('link', { name: 'Download' }).waitFor();
  assert.equal(await page.getByText('No face was found').count(), 0);
  await page.goto(`${service.url}/#/history`);
  await card(page, 'whole.png').waitFor();
  assert.equal(await card(page, 'whole.png').getByText('No face').count(), 0);
  await page.context().close();
});

test('what is no photo fails with the service\'s words, and can be tried again or removed', async () => {
  const page = await openPage(browser, service);
  await sendPhotos(page, [{ name: 'letter.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('Dear all') }]);
  const row = page.locator('section li', { hasText: 'letter.jpg' });
  const problem = row.getByRole('alert');
  await problem.waitFor();
  assert.match(await problem.textContent(), /not a photo that can be restored.*expected a JPEG, PNG/);
  await row.getByRole('button', { name: 'Try letter.jpg again' }).click();
  await problem.waitFor();
  await row.getByRole('button', { name: 'Remove letter.jpg' }).click();
  await row.waitFor({ state: 'detached' });
  await page.context().close();
});

test('a photo that breaks off fails while it is read, and can be tried again or deleted', async () => {
  const page = await openPage(browser, service);
  const whole = readFileSync(group(1));
  await sendPhotos(page, [{ name: 'torn.jpg', mimeType: 'image/jpeg', buffer: whole.subarray(0, whole.length * 0.6) }]);
  const failed = card(page, 'torn.jpg');
  await failed.getByText(/The photo is damaged/).waitFor();
  const job = (await service.json('GET', '/api/v1/jobs?text=torn.jpg')).jobs[0];
  await failed.getByText(job.error.message).waitFor();
  await failed.getByRole('button', { name: 'Try torn.jpg again' }).click();
  await page.waitForFunction(
    async ([path, before]) => {
      const now = await (await fetch(path)).json();
      return now.state === 'failed' && now.finished !== before;
    },
    [`/api/v1/jobs/${job.id}`, job.finished],
  );
  await failed.getByRole('button', { name: 'Delete torn.jpg' }).click();
  await failed.waitFor({ state: 'detached' });
  await page.getByText('torn.jpg deleted').waitFor();
  await page.context().close();
});

test('several photos are a batch: its page, its ZIP', async () => {
  const page = await openPage(browser, service);
  await sendPhotos(page, [asFile('a.jpg', group(4)), asFile('b.jpg', group(5))]);
  await card(page, 'a.jpg').getByRole('link').waitFor();
  await card(page, 'b.jpg').getByRole('link').waitFor();
  await page.getByRole('button', { name: 'Batches' }).click();
  await page.getByRole('link', { name: /^2 photos/ }).click();
  await page.getByText('2 of 2 restored').waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download all (ZIP)' }).click(),
  ]);
  const bytes = readFileSync(await download.path());
  assert.equal(bytes.subarray(0, 2).toString(), 'PK');
  assert.ok(bytes.includes('a.restored.jpg') && bytes.includes('b.restored.jpg'));
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('all single photos that a search finds are downloaded as one ZIP', async () => {
  const page = await openPage(browser, service);
  for (const name of ['zipped one.jpg', 'zipped two.jpg']) {
    await sendPhotos(page, [asFile(name, group(3))]);
    await card(page, name).getByRole('link').waitFor();
  }
  await page.getByRole('searchbox').fill('zipped');
  await card(page, 'a.jpg').waitFor({ state: 'detached' });
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download all (ZIP)' }).click(),
  ]);
  const bytes = readFileSync(await download.path());
  assert.ok(bytes.includes('zipped one.restored.jpg') && bytes.includes('zipped two.restored.jpg'));
  assert.ok(!bytes.includes('a.restored.jpg'), 'and no other');
  await page.context().close();
});

test('a photo and a batch that are opened without a line come when it is back', async () => {
  const page = await openPage(browser, service);
  await sendPhotos(page, [asFile('line 1.jpg', group(3)), asFile('line 2.jpg', group(4))]);
  await card(page, 'line 1.jpg').getByRole('link').waitFor();
  await card(page, 'line 2.jpg').getByRole('link').waitFor();
  const [job] = (await service.json('GET', '/api/v1/jobs?text=line')).jobs;
  const places = [[`#/photo/${job.id}`, '.divider'], [`#/batch/${job.batch}`, 'main ul li a']];
  for (const [address] of places) { // The parts of the page that they need are loaded once.
    await page.goto(`${service.url}/${address}`);
    await page.locator('h1').waitFor();
  }
  for (const [address, shown] of places) {
    await page.goto(`${service.url}/#/settings`);
    await throttle(page, 0, true);
    await page.locator('p.offline').waitFor();
    await page.evaluate((hash) => (location.hash = hash), address);
    await page.locator('.notice.error', { hasText: 'does not answer' }).waitFor();
    await throttle(page, 0);
    await page.locator(shown).first().waitFor();
    assert.equal(await page.locator('.notice.error').count(), 0);
  }
  await page.context().close();
});

test('the history is there after a restart, and the page connects again by itself', async () => {
  const page = await openPage(browser, service);
  await sendPhotos(page, [portrait()]);
  await card(page, 'astronaut.png').getByRole('link').waitFor();
  await service.stop();
  await page.getByText('The service does not answer').waitFor();
  await service.start();
  await page.getByText('The service does not answer').waitFor({ state: 'detached' });
  await sendPhotos(page, [asFile('later.jpg', group(6))]);
  await card(page, 'later.jpg').getByRole('link').waitFor();
  const fresh = await openPage(browser, service, ENGLISH);
  await card(fresh, 'astronaut.png').getByRole('link').click();
  await fresh.locator('.divider').waitFor();
  await fresh.context().close();
  await page.context().close();
});
