// Which view is shown, kept in the address after '#': '', 'photo/12', 'batch/3', 'settings'.

export type View = 'home' | 'photo' | 'batch' | 'settings';

function parse(hash: string): { view: View; id: number } {
  const [name, id] = hash.replace(/^#\/?/, '').split('/');
  if (name === 'photo' || name === 'batch') return { view: name, id: Number(id) || 0 };
  return { view: name === 'settings' ? 'settings' : 'home', id: 0 };
}

export const route = $state(parse(location.hash));

window.addEventListener('hashchange', () => {
  Object.assign(route, parse(location.hash));
  window.scrollTo(0, 0);
});
