import type { JSX } from 'preact';

const PATHS = {
    now: 'M13 2 4 14h7l-1 8 9-12h-7z',
    money: 'M4 6h16v12H4zM4 10h16M8 15h3',
    bills: 'M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6',
    market: 'M4 4v16h16M7 9h4v4h4v4h4',
    community: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 20c0-4 3-6 6-6s6 2 6 6M16 11a3 3 0 1 0 0-6M17 14c3 0 5 2 5 6',
    explorer: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5 21 21',
} as const;

export type IconName = keyof typeof PATHS;

/** Beside a text that says the same. */
export const Icon = ({ name }: { readonly name: IconName }): JSX.Element => (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        <path d={PATHS[name]} />
    </svg>
);
