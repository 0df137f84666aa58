import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import type { HealthCheck } from './operations-server';

/** A certificate that a process shows or signs with. */
export interface WatchedCertificate {
    readonly of: string;
    readonly file: string;
    /** An ordering seat's, which stands in the channel's configuration. */
    readonly isSeat?: boolean;
}

/** Whether certificates have run out: peers and clients then fail with words of TLS that do not name the cause. */
export function certificateCheck(
    certificates: () => readonly WatchedCertificate[],
    now: () => Date = () => new Date(),
): HealthCheck {
    return {
        component: 'certificates',
        problem: async () => {
            const all = await expiredCertificates(certificates(), now());
            return all.length > 0 ? all.join('; ') : undefined;
        },
    };
}

/** A line for each certificate that has run out, with what to do. */
export async function expiredCertificates(
    certificates: readonly WatchedCertificate[],
    now: Date = new Date(),
): Promise<readonly string[]> {
    const found = await Promise.all(
        certificates.map(async ({ of, file, isSeat = false }) => {
            const { validToDate } = new X509Certificate(await readFile(file));
            const remedy = isSeat
                ? `\`network.sh renew-seat ${of}\` makes a new one`
                : `\`network.sh renew ${of}\` makes a new one`;
            return validToDate < now
                ? [`the certificate of ${of} expired on ${validToDate.toISOString()} (${file}): ${remedy}`]
                : [];
        }),
    );
    return found.flat();
}
