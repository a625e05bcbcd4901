// How the page looks and reads: languages, phone size, light and dark, keyboard, screen readers.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkLook } from './axe.mjs';
import {
  CHINESE, ENGLISH, PHONE, card, launch, openPage, restoreAndOpen, sendPhotos,
} from './browser.mjs';
import { Service, asFile, group, portrait } from './service.mjs';

let service;
let browser;
before(async () => {
  service = await new Service().start();
  browser = await launch();
  const page = await openPage(browser, service);
  const photos = [asFile('portrait.png', portrait()), asFile('friends.jpg', group(1)), asFile('garden.jpg', group(6))];
  await sendPhotos(page, photos);
  await page.locator('ul.grid li a').nth(2).waitFor();
  await sendPhotos(page, [asFile('deleted by mistake.jpg', group(2))]);
  await card(page, 'deleted by mistake.jpg').getByRole('link').waitFor();
  const { jobs } = await service.json('GET', '/api/v1/jobs?text=deleted');
  await service.json('DELETE', `/api/v1/jobs/${jobs[0].id}`);
  await page.context().close();
});
after(async () => {
  await browser?.close();
  await service?.end();
});

const waiting = asFile('in the garden behind the old house, summer 1984.jpg', group(3));
const SIZES = { desktop: {}, phone: PHONE };
for (const [size, device] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark']) {
    for (const [code, language] of [['en', ENGLISH], ['zh', CHINESE], ['de', { locale: 'de-DE' }]]) {
      test(`${size}, ${colorScheme}, ${code}: nothing serious for axe, nothing sticks out`, async () => {
        const page = await openPage(browser, service, { ...language, ...device, colorScheme });
        const check = (name) => checkLook(page, `${size}-${colorScheme}-${code}-${name}`);
        await page.locator('ul.grid li a img').first().waitFor();
        await page.locator('#add-title').waitFor();
        await page.locator('[aria-controls=add-options]').click();
        await check('home');
        await page.locator('.head .segments button').last().click();
        await page.locator('ul.grid li .actions').first().waitFor();
        await page.locator('ul.grid li input').first().click();
        await check('bin');
        await page.locator('.head .segments button').first().click();
        await card(page, 'friends.jpg').getByRole('link').click();
        await page.locator('.divider').waitFor();
        await page.locator('.crop').nth(2).waitFor();
        await check('photo');
        await page.goto(`${service.url}/#/settings`);
        await page.locator('dl').waitFor();
        await check('settings');
        await service.json('POST', '/api/v1/queue/pause');
        await page.goto(`${service.url}/#/`);
        await sendPhotos(page, [waiting, { ...waiting, name: `another ${waiting.name}` }]);
        await page.locator('section li', { hasText: 'another' }).locator('button').first().waitFor();
        await page.locator('p.notice[role=status]').waitFor();
        await check('paused');
        assert.deepEqual(page.faults, []);
        let jobs = []; // Both have to be there before they can be deleted.
        while (jobs.length < 2) ({ jobs } = await service.json('GET', '/api/v1/jobs?state=queued'));
        for (const { id } of jobs) await service.json('DELETE', `/api/v1/jobs/${id}?for_good=1`);
        await service.json('POST', '/api/v1/queue/resume');
        await page.context().close();
      });
    }
  }
}

test('the language follows the browser, can be switched, and stays', async () => {
  const page = await openPage(browser, service, CHINESE);
  await page.getByRole('heading', { name: '我的照片' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'zh-Hans');
  await page.getByRole('combobox', { name: '语言' }).selectOption('en');
  await page.getByRole('heading', { name: 'Your photos' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  await page.reload();
  await page.getByRole('heading', { name: 'Your photos' }).waitFor();
  await page.context().close();
});

for (const [locale, lang, heading] of [
  ['zh-TW', 'zh-Hant', '我的照片'], ['zh-HK', 'zh-Hant', '我的照片'], ['zh-SG', 'zh-Hans', '我的照片'],
  ['de-AT', 'de', 'Ihre Fotos'], ['fr-FR', 'en', 'Your photos'],
]) {
  test(`a browser that wants ${locale} gets ${lang}`, async () => {
    const page = await openPage(browser, service, { locale });
    await page.getByRole('heading', { name: heading }).waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), lang);
    await page.context().close();
  });
}

test('a Chinese page has no English sentence left', async () => {
  const page = await openPage(browser, service, CHINESE);
  await restoreAndOpen(page, asFile('奶奶.jpg', group(3)));
  for (const address of ['#/', '#/photo/' + new URL(page.url()).hash.split('/').at(-1), '#/settings']) {
    await page.goto(`${service.url}/${address}`);
    await page.waitForTimeout(500);
    const text = await page.locator('body').innerText();
    const names = /[\w.-]+\.(jpg|png)|gpen-lite-\d+|photo-\w+|GPEN-NAS|English|Deutsch|JPEG|PNG|WEBP|ZIP|API|HTTPS/g;
    const words = text.replace(names, '');
    assert.doesNotMatch(words, /[A-Za-z]{4,}/, address);
  }
  await page.context().close();
});

test('everything can be reached and used by keyboard', async () => {
  const page = await openPage(browser, service);
  await page.locator('ul.grid li a').first().waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
  const seen = [];
  for (let i = 0; i < 14; ++i) {
    await page.keyboard.press('Tab');
    seen.push(await page.evaluate(() => {
      const active = document.activeElement;
      return active.getAttribute('aria-label') ?? active.textContent.trim();
    }));
  }
  for (const wanted of ['Settings', 'Choose photos', 'Options', 'Batches', 'Language']) {
    assert.ok(seen.some((name) => name.includes(wanted)), `${wanted} among ${seen}`);
  }
  await page.locator('ul.grid li a').first().focus();
  await page.keyboard.press('Enter');
  await page.getByRole('slider', { name: 'Divider' }).waitFor();
  await page.context().close();
});

test('a phone offers its camera', async () => {
  const page = await openPage(browser, service, PHONE);
  await page.getByRole('button', { name: 'Take a photo' }).waitFor();
  assert.equal(await page.locator('#camera').getAttribute('capture'), 'environment');
  await page.setInputFiles('#camera', [asFile('camera.jpg', group(4))]);
  await card(page, 'camera.jpg').getByRole('link').waitFor();
  await page.context().close();
});
