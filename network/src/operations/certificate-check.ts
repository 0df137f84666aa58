import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import type { HealthCheck } from './operations-server';

/** A certificate that a process shows or signs with. */
export interface WatchedCertificate {
    readonly of: string;
    readonly file: string;
}

/** Whether certificates have run out: peers and clients then fail with words of TLS that do not name the cause. */
export function certificateCheck(
    certificates: () => readonly WatchedCertificate[],
    now: () => Date = () => new Date(),
): HealthCheck {
    return {
        component: 'certificates',
        problem: async () => {
            const expired = await Promise.all(
                certificates().map(async ({ of, file }) => {
                    const { validToDate } = new X509Certificate(await readFile(file));
                    return validToDate < now()
                        ? [
                              `the certificate of ${of} expired on ${validToDate.toISOString()} (${file}): \`network.sh renew ${of}\` makes a new one`,
                          ]
                        : [];
                }),
            );
            const all = expired.flat();
            return all.length > 0 ? all.join('; ') : undefined;
        },
    };
}
