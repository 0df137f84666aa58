import type { Session } from '@commonwatt/application/server/schemas/session';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ApiError, call } from '../api/client';
import { useWords } from '../app/context';
import { Settings } from '../app/settings';
import { Page } from '../parts/page';
import { failureText } from '../parts/states';
import type { Language, Translate } from '../words/translate';

interface LoginProps {
    readonly onSignedIn: (session: Session) => void;
    readonly onLanguage: (language: Language) => void;
}

const LEAST_PASSWORD = 12;

/** With a password, or for the first time with the code that whoever runs the server hands out: then a password is chosen. */
export function LoginPage({ onSignedIn, onLanguage }: LoginProps): JSX.Element {
    const { t } = useWords();
    const [invited] = useState(invitation);
    const [isFirstTime, setFirstTime] = useState(invited.code !== '');
    return (
        <>
            <header class="top">
                <p class="brand">Commonwatt</p>
                <Settings onLanguage={onLanguage} />
            </header>
            <main id="main" class="login">
                <Page title={t('login.title')}>
                    <LoginForm key={String(isFirstTime)} {...{ isFirstTime, invited, onSignedIn }} />
                    <p>
                        <button
                            type="button"
                            class="plain"
                            onClick={() => {
                                setFirstTime(!isFirstTime);
                            }}
                        >
                            {isFirstTime ? t('login.havePassword') : t('login.haveCode')}
                        </button>
                    </p>
                </Page>
            </main>
        </>
    );
}

interface FormProps extends Pick<LoginProps, 'onSignedIn'> {
    readonly isFirstTime: boolean;
    readonly invited: Invitation;
}

function LoginForm({ isFirstTime, invited, onSignedIn }: FormProps): JSX.Element {
    const { t } = useWords();
    const [isBusy, setBusy] = useState(false);
    const [failure, setFailure] = useState<unknown>();
    const submit = (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }): void => {
        event.preventDefault();
        const body = Object.fromEntries(new FormData(event.currentTarget).entries());
        setBusy(true);
        setFailure(undefined);
        call<Session>('POST', isFirstTime ? 'session/first-access' : 'session', { body }).then(
            onSignedIn,
            (error: unknown) => {
                setBusy(false);
                setFailure(error);
            },
        );
    };
    return (
        <form onSubmit={submit} class="card">
            <Field
                name="household"
                label={t('login.household')}
                hint={t('login.householdHint')}
                autocomplete="username"
                initial={invited.household}
            />
            {isFirstTime && (
                <Field
                    name="code"
                    label={t('login.code')}
                    hint={t('login.codeHint')}
                    autocomplete="one-time-code"
                    initial={invited.code}
                />
            )}
            {isFirstTime ? (
                <Field
                    name="password"
                    type="password"
                    label={t('login.newPassword')}
                    hint={t('login.newPasswordHint', { length: LEAST_PASSWORD })}
                    autocomplete="new-password"
                    minLength={LEAST_PASSWORD}
                />
            ) : (
                <Field name="password" type="password" label={t('login.password')} autocomplete="current-password" />
            )}
            <p role="alert" class="failed-text">
                {failure !== undefined && loginFailure(failure, t)}
            </p>
            <button type="submit" class="primary" disabled={isBusy}>
                {isBusy ? t('login.busy') : t('login.submit')}
            </button>
        </form>
    );
}

const loginFailure = (error: unknown, t: Translate): string =>
    error instanceof ApiError && error.status === 401 ? t('login.refused') : failureText(error, t);

interface Invitation {
    readonly household: string;
    readonly code: string;
}

/** A link may say which home it is for, and bring the code in its fragment, which is sent to no server. */
function invitation(): Invitation {
    const household = new URLSearchParams(location.search).get('household') ?? '';
    const code = new URLSearchParams(location.hash.slice(1)).get('code') ?? '';
    if (code !== '') {
        history.replaceState(null, '', location.pathname + location.search);
    }
    return { household, code };
}

interface FieldProps {
    readonly name: string;
    readonly label: string;
    readonly hint?: string | undefined;
    readonly type?: 'text' | 'password';
    readonly autocomplete: 'username' | 'current-password' | 'new-password' | 'one-time-code';
    readonly minLength?: number | undefined;
    readonly initial?: string;
}

function Field({ name, label, hint, type = 'text', initial = '', ...rest }: FieldProps): JSX.Element {
    const props = {
        ...{ id: name, name, defaultValue: initial, required: true, spellcheck: false, ...rest },
        'aria-describedby': hint === undefined ? undefined : `${name}-hint`,
    };
    return (
        <p class="field">
            <label for={name}>{label}</label>
            {type === 'password' ? (
                <input type="password" {...props} />
            ) : (
                <input type="text" autocapitalize="none" {...props} />
            )}
            {hint !== undefined && <small id={`${name}-hint`}>{hint}</small>}
        </p>
    );
}
