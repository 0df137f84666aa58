import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AccessStore } from '../access/access-store';
import { hashPassword, isPassword } from '../access/passwords';
import type { Handlers } from '../api';
import type { Events } from '../events';
import { Refused } from '../guard/failures';
import type { LoggedIn, Sessions } from '../guard/sessions';
import type { Household } from '../../household-view/household';
import type { ServerCounts } from '../metrics';
import type { AnswerTo } from './answers';

type SessionRoutes = 'POST /session' | 'POST /session/first-access' | 'GET /session' | 'DELETE /session';

export interface SessionParts {
    readonly access: AccessStore;
    readonly sessions: Sessions;
    readonly events: Events;
    readonly counts: ServerCounts;
    readonly household: (id: string) => Household | undefined;
    /** @throws Refused where there were too many attempts for this household */
    readonly limitLogins: (request: FastifyRequest, household: string) => Promise<void>;
}

/** One answer for all that is wrong with a login, so that nobody learns which part of it was right. */
const wrong = (): Refused => new Refused(401, 'LOGIN_WRONG', 'no such household, or another password');

export function sessionHandlers(parts: SessionParts): Pick<Handlers, SessionRoutes> {
    const { access, sessions, events, counts } = parts;
    const open = async (
        id: string,
        request: FastifyRequest,
        reply: FastifyReply,
    ): Promise<AnswerTo<'GET /session'>> => {
        const household = parts.household(id);
        if (household === undefined) {
            throw wrong();
        }
        counts.logins.inc({ outcome: 'done' });
        return described(household, sessions.open(id, request, reply), request);
    };
    return {
        'POST /session': async ({ body: { household, password }, request, reply }) => {
            await parts.limitLogins(request, household);
            const isServed = parts.household(household) !== undefined;
            const stored = isServed ? access.passwordOf(household) : undefined;
            if (!(await isPassword(password, stored))) {
                counts.logins.inc({ outcome: 'wrong' });
                throw wrong();
            }
            return open(household, request, reply);
        },
        'POST /session/first-access': async ({ body: { household, code, password }, request, reply }) => {
            await parts.limitLogins(request, household);
            // Before the code is used up: there may be too many at once.
            const stored = await hashPassword(password);
            if (parts.household(household) === undefined || !access.useCode(household, code)) {
                counts.logins.inc({ outcome: 'wrong' });
                throw new Refused(
                    401,
                    'CODE_WRONG',
                    'the code was used, or is too old: `commonwatt login` makes another',
                );
            }
            access.setPassword(household, stored);
            return open(household, request, reply);
        },
        'GET /session': async ({ household, session, request }) => described(household, session, request),
        'DELETE /session': ({ session, request, reply }) => {
            sessions.end(request);
            sessions.clear(reply);
            events.endOf(session);
            return undefined;
        },
    };
}

async function described(
    household: Household,
    { csrfToken, idleUntil, endsAt }: LoggedIn,
    request: FastifyRequest,
): Promise<AnswerTo<'GET /session'>> {
    const { name, rules, clock } = await household.ledger.charter();
    return {
        household: household.id,
        mspId: household.mspId,
        csrfToken,
        community: name,
        currency: rules.currency,
        minorUnitNanos: rules.minorUnitNanos,
        clock,
        language: languageOf(request.headers['accept-language']),
        idleUntil,
        endsAt,
    };
}

/** The first of those that there are: browsers send the most wanted first. */
export function languageOf(accepted: string | undefined): 'en' | 'de' {
    const wanted = (accepted ?? '').split(',').map((part) => part.trim().slice(0, 2).toLowerCase());
    const found = wanted.find((language) => language === 'en' || language === 'de');
    return found === 'de' ? 'de' : 'en';
}
