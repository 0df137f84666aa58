import { agent } from './en/agent';
import { bill, check } from './en/bill';
import { login, money, nav, now, shell, state } from './en/home';
import { market, reason } from './en/market';
import { code, community, explorer } from './en/record';

/** English: the catalogue that says which texts there are, and what each has to be given. */
export const en = {
    ...{ shell, nav, state, login, now, money, bill, check, market, reason, agent },
    ...{ community, explorer, code },
} as const;

/** Of these namespaces no text says anything of ledgers: they are for people who want to know what their energy costs. */
export const HOUSEHOLD_NAMESPACES = [
    'shell',
    'nav',
    'state',
    'login',
    'now',
    'money',
    'bill',
    'check',
    'market',
    'reason',
    'agent',
] as const satisfies readonly (keyof typeof en)[];
