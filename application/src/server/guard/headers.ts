import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import { Refused } from './failures';

/** Nothing from other hosts, nothing inline, no frames; what the pages need of their own host. */
const CONTENT_SECURITY_POLICY = {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'", 'data:'],
    'connect-src': ["'self'"],
    'manifest-src': ["'self'"],
    'font-src': ["'none'"],
    'base-uri': ["'none'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
    'require-trusted-types-for': ["'script'"],
};

/** Headers that keep browsers from doing what the pages do not need. */
export async function addHeaders(app: FastifyInstance, isTls: boolean): Promise<void> {
    await app.register(helmet, {
        contentSecurityPolicy: { useDefaults: false, directives: CONTENT_SECURITY_POLICY },
        strictTransportSecurity: isTls && { maxAge: 31_536_000, includeSubDomains: false },
        crossOriginEmbedderPolicy: true,
        referrerPolicy: { policy: 'no-referrer' },
        xFrameOptions: { action: 'deny' },
    });
    app.addHook('onSend', (_, reply, payload, done) => {
        reply.header('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()');
        if (!reply.hasHeader('cache-control')) {
            reply.header('cache-control', 'no-store'); // Private unless somebody says otherwise.
        }
        done(null, payload);
    });
}

/**
 * Refuses what was not meant for this server: a page of another site whose name was made to point here (DNS rebinding) names that site as host, and a form
 * of another site comes with its origin.
 */
export function checkHosts(app: FastifyInstance, hosts: readonly string[], isTls: boolean): void {
    const known = new Set(hosts.map((host) => host.toLowerCase()));
    const origins = new Set([...known].map((host) => `${isTls ? 'https' : 'http'}://${host}`));
    app.addHook('onRequest', ({ headers, method }, _, done) => {
        if (!known.has((headers.host ?? '').toLowerCase())) {
            done(new Refused(421, 'WRONG_HOST', 'this server does not answer under that name'));
            return;
        }
        const isReading = method === 'GET' || method === 'HEAD';
        const isForeign = headers.origin !== undefined && !origins.has(headers.origin.toLowerCase());
        const site = headers['sec-fetch-site'];
        const isCrossSite = site !== undefined && site !== 'same-origin' && site !== 'none';
        const isWrong = !isReading && (isForeign || isCrossSite);
        done(isWrong ? new Refused(403, 'WRONG_ORIGIN', 'another site may not change anything here') : undefined);
    });
}
