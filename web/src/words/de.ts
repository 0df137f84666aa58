import { agent } from './de/agent';
import { bill, check } from './de/bill';
import { login, money, nav, now, shell, state } from './de/home';
import { market, reason } from './de/market';
import { code, community, explorer } from './de/record';
import type { Catalogue } from './translate';

/** German. A text that is missing, or one too many, does not compile. */
export const de: Catalogue = {
    ...{ shell, nav, state, login, now, money, bill, check, market, reason, agent },
    ...{ community, explorer, code },
};
