import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { LANGUAGES, type Key, type Language } from '../words/translate';
import { useWords } from './context';
import { applyTheme, storedTheme, THEMES, type Theme } from './theme';

const THEME_NAMES = {
    system: 'shell.themeSystem',
    light: 'shell.themeLight',
    dark: 'shell.themeDark',
} as const satisfies Readonly<Record<Theme, Key>>;

/** Language and colours, on this device. */
export function Settings({ onLanguage }: { readonly onLanguage: (language: Language) => void }): JSX.Element {
    const { t, language } = useWords();
    const [theme, setTheme] = useState<Theme>(storedTheme);
    return (
        <div class="settings">
            <label>
                <span class="sr">{t('shell.language')}</span>
                <select
                    value={language}
                    onChange={({ currentTarget }) => {
                        onLanguage(currentTarget.value as Language);
                    }}
                >
                    {Object.entries(LANGUAGES).map(([code, name]) => (
                        <option key={code} value={code} lang={code}>
                            {name}
                        </option>
                    ))}
                </select>
            </label>
            <label>
                <span class="sr">{t('shell.theme')}</span>
                <select
                    value={theme}
                    onChange={({ currentTarget }) => {
                        const chosen = currentTarget.value as Theme;
                        applyTheme(chosen);
                        setTheme(chosen);
                    }}
                >
                    {THEMES.map((each) => (
                        <option key={each} value={each}>
                            {t(THEME_NAMES[each])}
                        </option>
                    ))}
                </select>
            </label>
        </div>
    );
}
