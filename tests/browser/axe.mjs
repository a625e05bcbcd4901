// How a view looks: nothing serious for axe, nothing wider than the window, and a picture to be looked at.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { savePicture } from './browser.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Serious and critical findings of axe, as text. */
async function axeFindings(page) {
  // By the debugger's way: the page's own policy lets no foreign script in.
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: AXE });
  const { result } = await session.send('Runtime.evaluate', {
    expression: `axe.run(document).then((found) => JSON.stringify({checked: found.passes.length, bad: found.violations
      .filter((each) => each.impact === 'serious' || each.impact === 'critical')
      .map((each) => each.id + ': ' + each.nodes.map((node) => node.html + ' ' + node.failureSummary).join(' | '))}))`,
    awaitPromise: true,
    returnByValue: true,
  });
  const { checked, bad } = JSON.parse(result.value);
  assert.ok(checked > 15, `axe has looked at the page: ${checked} rules passed`);
  return bad;
}

export async function checkLook(page, name) {
  await savePicture(page, name);
  assert.deepEqual(await axeFindings(page), [], name);
  const content = await page.evaluate(() => document.documentElement.scrollWidth);
  const window = page.viewportSize().width; // A phone's innerWidth grows with what sticks out.
  assert.ok(content <= window, `${name}: ${content} pixels wide in a window of ${window}`);
}
