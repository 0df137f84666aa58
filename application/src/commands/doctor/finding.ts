/** What one check found: all is well, something that is good to know, or something in the way. */
export interface Finding {
    readonly check: string;
    readonly state: 'well' | 'note' | 'problem';
    readonly found: string;
    /** What to do next; every problem has it. */
    readonly todo?: string;
}

export const well = (check: string, found: string): Finding => ({ check, state: 'well', found });
export const note = (check: string, found: string, todo?: string): Finding => ({
    check,
    state: 'note',
    found,
    ...(todo === undefined ? {} : { todo }),
});
export const problem = (check: string, found: string, todo: string): Finding => ({
    check,
    state: 'problem',
    found,
    todo,
});
