// Which view is shown, kept in the address after '#': '', 'photo/12', 'photo/12/9' (compared with the
// result of 9), 'batch/3', 'settings', 'people'.

export type View = 'home' | 'photo' | 'batch' | 'settings' | 'people';

function parse(hash: string): { view: View; id: number; other: number } {
  const [name, id, other] = hash.replace(/^#\/?/, '').split('/');
  if (name === 'photo' || name === 'batch') return { view: name, id: Number(id) || 0, other: Number(other) || 0 };
  return { view: name === 'settings' || name === 'people' ? name : 'home', id: 0, other: 0 };
}

export const route = $state(parse(location.hash));

window.addEventListener('hashchange', () => {
  Object.assign(route, parse(location.hash));
  window.scrollTo(0, 0);
});
