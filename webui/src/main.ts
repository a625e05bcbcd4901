// Starts the page.
import { mount } from 'svelte';
import App from './App.svelte';
import { startLanguage } from './i18n/language.svelte';
import { applyTheme } from './state/preferences.svelte';
import './styles.css';

applyTheme();
const target = document.getElementById('app');
void startLanguage().then(() => target && mount(App, { target }));
