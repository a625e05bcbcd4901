// Several people: the page on which they are looked after, and what each of them sees.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkLook } from './axe.mjs';
import { CHINESE, ENGLISH, PHONE, card, openPage, sendPhotos, shareBrowser } from './browser.mjs';
import { asFile, group, withService } from './service.mjs';

const OWNER = 'the-owners-long-token';

let browser;
shareBrowser((shared) => {
  browser = shared;
});

async function logIn(service, token, options = {}, address = '/') {
  const page = await openPage(browser, service, options, '/login');
  await page.locator('input[name=token]').fill(token);
  await page.locator('form button.primary').click();
  await page.locator('#content').waitFor();
  if (address !== '/') await page.goto(service.url + address);
  return page;
}

/** Adds somebody on the page of people; their token. */
async function add(page, name, { manager = false, sees = '' } = {}) {
  await page.getByLabel('Name').fill(name);
  if (manager) await page.getByRole('switch', { name: 'Manager' }).click();
  if (sees) await page.locator('form select').selectOption(sees);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  return tokenOf(page, name);
}

async function tokenOf(page, name) {
  await page.getByRole('heading', { name: `The token of ${name}` }).waitFor();
  const token = await page.getByRole('textbox', { name: `The token of ${name}` }).inputValue();
  assert.match(token, /^[0-9a-f]{32}$/);
  await page.getByRole('button', { name: 'I have noted it' }).click();
  return token;
}

for (const [size, device] of [['desktop', {}], ['phone', PHONE]]) {
  test(`${size}: the first person closes an open service, and whoever added them stays in`, () =>
    withService({}, async (service) => {
      const page = await openPage(browser, service, device, '/#/settings');
      const other = await openPage(browser, service, device);
      await page.getByRole('link', { name: 'People and their tokens' }).click();
      await page.getByText('uses this service without a token').waitFor();
      assert.ok(await page.getByRole('switch', { name: 'Manager' }).isDisabled(), 'the first is a manager');
      const token = await add(page, 'Mia');
      await page.getByText('uses this service without a token').waitFor({ state: 'hidden' });
      await page.reload();
      await page.locator('li', { hasText: 'Mia' }).getByText('you', { exact: true }).waitFor();
      // Everybody else needs a token now, also on a page that was open.
      await other.getByRole('heading', { name: 'Who is there?' }).waitFor();
      const mia = await logIn(service, token, device, '/#/settings');
      await mia.getByText('Logged in as Mia').waitFor();

      // The last one may go, knowing what that means.
      await page.getByRole('button', { name: 'Remove Mia' }).click();
      await page.getByText('Then everybody in your network can use the service again').waitFor();
      await page.locator('.notice').getByRole('button', { name: 'Remove Mia' }).click();
      await page.getByText('uses this service without a token').waitFor();
      assert.deepEqual(page.faults, []);
      for (const each of [page, other, mia]) await each.context().close();
    }));

  test(`${size}: everybody sees what they may, and names where there are several`, () =>
    withService({ GPEN_TOKEN: OWNER }, async (service) => {
      const owner = await logIn(service, OWNER, device, '/#/people');
      const anna = await logIn(service, await add(owner, 'Anna', { sees: 'own' }), device);
      const ben = await logIn(service, await add(owner, 'Ben', { sees: 'own' }), device);
      await sendPhotos(anna, [asFile('by anna.jpg', group(3))]);
      await card(anna, 'by anna.jpg').getByRole('link').waitFor();
      assert.equal(await card(anna, 'by anna.jpg').getByText('added by').count(), 0, 'her own are all she sees');
      await sendPhotos(ben, [asFile('by ben.jpg', group(4))]);
      await card(ben, 'by ben.jpg').getByRole('link').waitFor();
      assert.equal(await card(ben, 'by anna.jpg').count(), 0);
      await owner.goto(`${service.url}/#/`);
      await card(owner, 'by anna.jpg').getByText('added by Anna').waitFor();
      await card(owner, 'by ben.jpg').getByText('added by Ben').waitFor();
      await card(owner, 'by anna.jpg').getByRole('link').click();
      await owner.getByText('added by Anna').waitFor();

      // Anna's address is nothing to Ben, and managing is for managers.
      const address = await card(anna, 'by anna.jpg').getByRole('link').getAttribute('href');
      await ben.goto(`${service.url}/${address}`);
      await ben.getByText('It is no longer there').waitFor();
      await ben.goto(`${service.url}/#/settings`);
      await ben.getByText('Logged in as Ben').waitFor();
      assert.equal(await ben.getByLabel(/Pause between photos/).count(), 0);
      assert.equal(await ben.getByRole('link', { name: 'People and their tokens' }).count(), 0);
      await ben.goto(`${service.url}/#/people`);
      await ben.getByText('This is for managers of this service').waitFor();

      // What he sees is changed while his page is open.
      await ben.goto(`${service.url}/#/`);
      await card(ben, 'by ben.jpg').waitFor();
      await owner.goto(`${service.url}/#/people`);
      await owner.getByLabel('What Ben sees').selectOption('all');
      await card(ben, 'by anna.jpg').getByText('added by Anna').waitFor();

      // A new token ends what the old one opened; who is removed is out at once.
      await owner.getByRole('button', { name: 'New token for Ben' }).click();
      await owner.getByText('is worth nothing at once').waitFor();
      await owner.getByRole('button', { name: 'Give a new token' }).click();
      const renewed = await tokenOf(owner, 'Ben');
      await ben.getByRole('heading', { name: 'Who is there?' }).waitFor();
      await ben.getByLabel('Token').fill(renewed);
      await ben.getByRole('button', { name: 'Log in' }).click();
      await card(ben, 'by ben.jpg').waitFor();
      await owner.getByRole('button', { name: 'Remove Anna' }).click();
      await owner.locator('.notice').getByRole('button', { name: 'Remove Anna' }).click();
      await anna.getByRole('heading', { name: 'Who is there?' }).waitFor();
      await card(ben, 'by anna.jpg').getByText('added by Anna').waitFor();

      // Logged in already, the login page says as whom.
      await ben.goto(`${service.url}/login`);
      await ben.getByText('Logged in as Ben').waitFor();
      await ben.getByRole('button', { name: 'Log out' }).click();
      await ben.getByText('Logged in as Ben').waitFor({ state: 'hidden' });
      for (const page of [owner, anna, ben]) {
        assert.deepEqual(page.faults, []);
        await page.context().close();
      }
    }));
}

test('a photo that waits to be sent waits for its own person', () =>
  withService({ GPEN_TOKEN: OWNER }, async (service) => {
    const page = await logIn(service, OWNER, {}, '/#/people');
    const anna = await add(page, 'Anna', { sees: 'own' });
    const ben = await add(page, 'Ben', { sees: 'own' });
    const change = async (token) => {
      await page.goto(`${service.url}/login`);
      await page.getByRole('button', { name: 'Log out' }).click();
      await page.getByLabel('Token').fill(token);
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.locator('#content').waitFor();
    };
    await change(anna);
    await page.route('**/api/v1/uploads', (route) => route.abort());
    await sendPhotos(page, [asFile('for anna.jpg', group(3))]);
    await page.locator('section li', { hasText: 'for anna.jpg' }).waitFor();
    await page.waitForTimeout(500); // Until the browser has kept it.
    page.on('dialog', (dialog) => dialog.accept());
    await change(ben);
    await page.unroute('**/api/v1/uploads');
    await page.waitForTimeout(2000);
    assert.equal(await page.getByText('for anna.jpg').count(), 0);
    await change(anna);
    await card(page, 'for anna.jpg').getByRole('link').waitFor();
    await page.context().close();
  }));

const SIZES = { desktop: {}, phone: PHONE };
test('the page of people looks right in every size, light and language', () =>
  withService({ GPEN_TOKEN: OWNER }, async (service) => {
    const ask = (method, route, body) =>
      fetch(service.url + route, {
        method,
        headers: { 'X-API-Key': OWNER, 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
    await ask('POST', '/api/v1/people', { name: 'Mia', role: 'manager' });
    await ask('POST', '/api/v1/people', { name: '奶奶', sees: 'own' });
    await ask('POST', '/api/v1/people', { name: 'Wolfeschlegelsteinhausenbergerdorff', sees: 'all' });
    for (const [size, device] of Object.entries(SIZES)) {
      for (const colorScheme of ['light', 'dark']) {
        for (const [code, language] of [['en', ENGLISH], ['zh', CHINESE]]) {
          const name = `${size}-${colorScheme}-${code}`;
          const page = await logIn(service, OWNER, { ...language, ...device, colorScheme }, '/#/people');
          await page.locator('ul li').nth(2).waitFor();
          await checkLook(page, `${name}-people`);
          await page.locator('ul li').nth(1).locator('button').first().click();
          await page.locator('.notice.warn button').first().click();
          await page.locator('section.card input[readonly]').waitFor();
          await page.locator('ul li').nth(1).locator('button').last().click();
          await page.locator('.notice.warn button').first().waitFor();
          await checkLook(page, `${name}-people-token`);
          await page.goto(`${service.url}/login`);
          await page.locator('form .notice').waitFor();
          await checkLook(page, `${name}-login`);
          assert.deepEqual(page.faults, []);
          await page.context().close();
        }
      }
    }
  }));

test('an open page of people says what the first one changes, in every look', () =>
  withService({}, async (service) => {
    for (const [size, device] of Object.entries(SIZES)) {
      for (const [code, language] of [['en', ENGLISH], ['zh', CHINESE]]) {
        const page = await openPage(browser, service, { ...language, ...device }, '/#/people');
        await page.locator('.notice.warn').waitFor();
        await checkLook(page, `${size}-light-${code}-people-open`);
        await page.context().close();
      }
    }
  }));
