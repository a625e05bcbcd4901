// The models that photos may ask for; read again whenever somebody looks at the choice.
import { get } from '../api/client';
import type { Models } from '../api/types';
import { t } from '../i18n/language.svelte';

export const installed = $state<{ models: Models | null }>({ models: null });

export async function loadModels(): Promise<void> {
  try {
    installed.models = await get<Models>('/api/v1/models');
  } catch {
    // The page's head says that the service does not answer.
  }
}

/** A model as people read it. */
export const modelName = (name: string): string => (name === 'auto' ? t('settings.modelAuto') : name);
