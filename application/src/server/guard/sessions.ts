import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AccessStore, OpenSession } from '../access/access-store';
import { loginNeeded, Refused } from './failures';

export const CSRF_HEADER = 'x-csrf-token';

/** With TLS browsers keep it from everybody but this very host. */
const cookieName = (isTls: boolean): string => (isTls ? '__Host-commonwatt' : 'commonwatt');

/** What somebody is logged in with. */
export interface LoggedIn extends OpenSession {
    readonly token: string;
    readonly csrfToken: string;
}

/** Sessions as browsers carry them: a cookie that no script reads and no other site sends. */
export class Sessions {
    readonly #store: AccessStore;
    readonly #isTls: boolean;
    /** Households that this server serves: a session of another one is none here. */
    readonly #isServed: (household: string) => boolean;

    constructor(store: AccessStore, isTls: boolean, isServed: (household: string) => boolean) {
        this.#store = store;
        this.#isTls = isTls;
        this.#isServed = isServed;
    }

    /** Ends the session that the browser had, so that nobody goes on with one that was put there before the login. */
    open(household: string, request: FastifyRequest, reply: FastifyReply): LoggedIn {
        this.end(request);
        const token = this.#store.openSession(household);
        this.#set(reply, `${cookieName(this.#isTls)}=${token}; Path=/`);
        return this.#loggedIn(token) ?? this.#gone();
    }

    /** @throws Refused where nobody is logged in */
    require(request: FastifyRequest): LoggedIn {
        const token = this.#sent(request);
        const found = token === undefined ? undefined : this.#loggedIn(token);
        if (found === undefined) {
            throw loginNeeded();
        }
        return found;
    }

    /** @throws Refused where a request that changes something does not carry the session's token */
    requireCsrf(request: FastifyRequest, { csrfToken }: LoggedIn): void {
        const given = request.headers[CSRF_HEADER];
        const isRight =
            typeof given === 'string' &&
            given.length === csrfToken.length &&
            timingSafeEqual(Buffer.from(given), Buffer.from(csrfToken));
        if (!isRight) {
            throw new Refused(403, 'CSRF', `send the session's csrfToken as header ${CSRF_HEADER}`);
        }
    }

    /** Whether it still goes on; looking does not prolong it. */
    isOpen({ token }: LoggedIn): boolean {
        return this.#store.session(token, false) !== undefined;
    }

    end(request: FastifyRequest): void {
        const token = this.#sent(request);
        if (token !== undefined) {
            this.#store.endSession(token);
        }
    }

    clear(reply: FastifyReply): void {
        this.#set(reply, `${cookieName(this.#isTls)}=; Path=/; Max-Age=0`);
    }

    #set(reply: FastifyReply, cookie: string): void {
        void reply.header('set-cookie', `${cookie}; HttpOnly; SameSite=Strict${this.#isTls ? '; Secure' : ''}`);
    }

    /** Of a session that goes on; what somebody made up is none. */
    tokenOf(request: FastifyRequest): string | undefined {
        const token = this.#sent(request);
        return token !== undefined && this.#store.session(token, false) !== undefined ? token : undefined;
    }

    #sent(request: FastifyRequest): string | undefined {
        const name = `${cookieName(this.#isTls)}=`;
        const cookies = (request.headers.cookie ?? '').split(';').map((each) => each.trim());
        const token = cookies.find((each) => each.startsWith(name))?.slice(name.length);
        return token !== undefined && /^[\w-]{43}$/.test(token) ? token : undefined;
    }

    #loggedIn(token: string): LoggedIn | undefined {
        const open = this.#store.session(token);
        return open === undefined || !this.#isServed(open.household)
            ? undefined
            : { ...open, token, csrfToken: createHmac('sha256', token).update('csrf').digest('base64url') };
    }

    #gone(): never {
        throw new Error('a session that was just opened is gone');
    }
}
