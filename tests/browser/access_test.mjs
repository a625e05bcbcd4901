// Who may come in, what is remembered, and what works where parts of the service are not to be had.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { card, openPage, restoreAndOpen, sendPhotos, shareBrowser } from './browser.mjs';
import { asFile, group, withService } from './service.mjs';

let browser;
shareBrowser((shared) => {
  browser = shared;
});

test('a service with a token asks for it, and lets in who knows it', () =>
  withService({ GPEN_TOKEN: 'grandmother-1931' }, async (service) => {
    const page = await openPage(browser, service);
    await page.getByRole('heading', { name: 'Who is there?' }).waitFor();
    await page.getByLabel('Token').fill('wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('This is not the token.').waitFor();
    await page.getByLabel('Token').fill('grandmother-1931');
    await page.getByRole('button', { name: 'Log in' }).click();
    await restoreAndOpen(page, asFile('inside.jpg', group(3)));
    await page.goto(`${service.url}/#/settings`);
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('heading', { name: 'Who is there?' }).waitFor();
    assert.deepEqual(page.faults, []);
    await page.context().close();
  }));

test('pause stops the work, continue resumes it, and both are seen on other pages', () =>
  withService({}, async (service) => {
    const page = await openPage(browser, service);
    const other = await openPage(browser, service);
    await service.json('POST', '/api/v1/queue/pause');
    await page.getByText('Paused. Photos wait').waitFor();
    await sendPhotos(page, [asFile('later.jpg', group(4))]);
    await other.locator('section li', { hasText: 'later.jpg' }).getByText('Waiting', { exact: true }).waitFor();
    await other.getByRole('button', { name: 'Continue' }).click();
    await card(page, 'later.jpg').getByRole('link').waitFor();
    await card(other, 'later.jpg').getByRole('link').waitFor();
    // Enough work that the button stays while it is pressed.
    await sendPhotos(page, [1, 2, 3, 5, 6].map((number) => asFile(`next${number}.jpg`, group(number))));
    await page.getByRole('button', { name: 'Pause' }).press('Enter');
    await other.getByText('Paused. Photos wait').waitFor();
    assert.equal((await service.json('GET', '/api/v1/queue')).paused, true);
    await page.context().close();
    await other.context().close();
  }));

test('without an event stream the page asks every few seconds', () =>
  withService({ GPEN_MAX_EVENT_STREAMS: '0' }, async (service) => {
    const page = await openPage(browser, service);
    await sendPhotos(page, [asFile('polled.jpg', group(3))]);
    await card(page, 'polled.jpg').getByRole('link').waitFor();
    await page.context().close();
  }));

test('options are kept on the device and sent with photos', () =>
  withService({}, async (service) => {
    const page = await openPage(browser, service);
    await page.getByRole('button', { name: 'Options' }).click();
    await page.getByRole('slider', { name: 'Strength' }).fill('35');
    await page.getByRole('button', { name: 'Strong' }).click();
    await page.getByRole('switch', { name: /Keep the skin/ }).click();
    await page.getByRole('switch', { name: /smaller copy/ }).click();
    await page.reload();
    await sendPhotos(page, [asFile('chosen.jpg', group(2))]);
    await card(page, 'chosen.jpg').getByRole('link').waitFor();
    const job = (await service.json('GET', '/api/v1/jobs')).jobs[0];
    const { strength, mode, protect_tone } = job.options;
    assert.deepEqual({ strength, mode, protect_tone }, { strength: 35, mode: 'strong', protect_tone: false });
    const report = await service.json('GET', job.result.report);
    assert.equal(Math.max(report.width, report.height), 1600, 'shrunk before it was sent');
    await page.getByRole('button', { name: 'Options' }).click();
    const smaller = page.getByRole('switch', { name: /smaller copy/ });
    assert.equal(await smaller.isChecked(), false, 'for one use');
    await page.context().close();
  }));

test('the pause between photos is set for the whole service and outlives it', () =>
  withService({}, async (service) => {
    const page = await openPage(browser, service, {}, '/#/settings');
    await page.getByLabel(/Pause between photos/).selectOption({ label: '30 s' });
    await page.getByText('Saved').waitFor();
    await service.stop();
    await service.start();
    assert.equal((await service.json('GET', '/api/v1/settings')).pause_between_seconds, 30);
    await page.context().close();
  }));

test('temperature and speed are shown, and too much heat is said', () => {
  const sys = mkdtempSync(path.join(os.tmpdir(), 'gpen-sys-'));
  const zone = path.join(sys, 'class/thermal/thermal_zone0');
  mkdirSync(zone, { recursive: true });
  writeFileSync(path.join(zone, 'type'), 'cpu\n');
  const heatTo = (celsius) => writeFileSync(path.join(zone, 'temp'), `${celsius * 1000}\n`);
  heatTo(51);
  return withService({ GPEN_SYS: sys, GPEN_HEAT_ENABLED: 'true' }, async (service) => {
    const page = await openPage(browser, service);
    await page.getByText('51 °C').waitFor();
    await sendPhotos(page, [asFile('cool.jpg', group(3))]);
    await card(page, 'cool.jpg').getByRole('link').waitFor();
    heatTo(110);
    await page.getByText('110 °C').waitFor();
    await sendPhotos(page, [asFile('hot.jpg', group(4))]);
    await page.getByText('The machine is too hot: waiting until it has cooled.').waitFor();
    await page.getByText(/ s a photo/).waitFor();
    heatTo(45);
    await card(page, 'hot.jpg').getByRole('link').waitFor();
    await page.context().close();
  });
});
