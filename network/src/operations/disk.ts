const FULL = /ENOSPC|EDQUOT|EFBIG|no space left|quota exceeded|file too large/i;

/** Why the disk did not do as it was told, with what to do where it is full: databases put the reason into the cause. */
export function whatTheDiskSays(error: unknown): string {
    const reasons: string[] = [];
    for (let each: unknown = error; each instanceof Error; each = each.cause) {
        reasons.push(each.message);
    }
    const text = reasons.join(': ') || String(error);
    return isDiskFull(error) ? `the disk is full (${text}): make room` : text;
}

export function isDiskFull(error: unknown): boolean {
    return error instanceof Error && (FULL.test(error.message) || isDiskFull(error.cause));
}
