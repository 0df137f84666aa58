import { useEffect, useState } from 'preact/hooks';

/** As the device is set, or as its user chose here. */
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'commonwatt.theme';
const CHANGED = 'commonwatt:theme';

const isTheme = (text: string | null): text is Theme => THEMES.some((each) => each === text);

export function storedTheme(): Theme {
    const stored = localStorage.getItem(KEY);
    return isTheme(stored) ? stored : 'system';
}

export function applyTheme(theme: Theme): void {
    if (theme === 'system') {
        delete document.documentElement.dataset['theme'];
        localStorage.removeItem(KEY);
    } else {
        document.documentElement.dataset['theme'] = theme;
        localStorage.setItem(KEY, theme);
    }
    dispatchEvent(new Event(CHANGED));
}

/** A number that changes with the colours of the page: for what is painted, not styled. */
export function usePaint(): number {
    const [paint, setPaint] = useState(0);
    useEffect(() => {
        const repaint = (): void => {
            setPaint((so) => so + 1);
        };
        const device = matchMedia('(prefers-color-scheme: dark)');
        addEventListener(CHANGED, repaint);
        device.addEventListener('change', repaint);
        return () => {
            removeEventListener(CHANGED, repaint);
            device.removeEventListener('change', repaint);
        };
    }, []);
    return paint;
}
