import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { IconAlertTriangle, IconPointFilled } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslations } from 'use-intl';
import { ApiProblem, type FieldProblem } from '@/api/problem';
import { inviteAll, invitationKeys, MOST_AT_ONCE } from '@/api/queries/invitations';
import { everyRole } from '@/api/queries/roles';
import type { RoleOut } from '@/api/schema';
import { useFieldWords } from '@/ui/problemWords';
import { showProblem, toastDone } from '@/ui/toast';
import { useRoleName } from '@/ui/useRoleName';
import { RoleSelect } from './RoleSelect';
import { ScopeFields, sentScope } from './Scope';
import { readPeople, type Pasted } from './paste';
import classes from './members.module.css';

/** As mail programs write people; angle brackets would be markup in a message. */
const SAMPLE = 'Ada Byron <ada@acme.com>';

/** Invites a pasted list: all of them, or none while one of them cannot be invited, which it says at their line. */
export function InviteMany({ onClose }: { onClose: () => void }) {
  const t = useTranslations('members.form');
  const te = useTranslations('members.edit');
  const client = useQueryClient();
  const roleOf = useRoleOf();
  const words = useFieldWords();
  const [text, setText] = useState('');
  const [roleId, setRoleId] = useState<string | null>(null);
  const [scope, setScope] = useState({ all_projects: true, project_ids: [] as string[] });
  const { people, bad } = useMemo(() => readPeople(text), [text]);
  const [refused, setRefused] = useState<ReadonlyMap<string, string>>(new Map());
  const unknown = people.filter(({ role }) => role && !roleOf(role));
  const needsRole = people.some(({ role }) => !role) && !roleId;
  const noScope = !scope.all_projects && scope.project_ids.length === 0;
  const tooMany = people.length > MOST_AT_ONCE;
  const ready = people.length > 0 && !tooMany && unknown.length === 0 && bad.length === 0 && !needsRole && !noScope;

  const send = useMutation({
    meta: { handlesProblem: true },
    mutationFn: () =>
      inviteAll(
        people.map(({ email, role }) => ({ email, role_id: roleOf(role)?.id ?? roleId!, ...sentScope(scope) })),
      ),
    onSuccess: ({ items }) => {
      toastDone(t('done', { ok: items.length }));
      onClose();
    },
    onError: (error) => {
      const rows = refusedRows(error, people, words);
      setRefused(rows);
      if (rows.size === 0) showProblem(error);
    },
    onSettled: () => client.invalidateQueries({ queryKey: invitationKeys.all }),
  });
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    if (ready) send.mutate();
  };
  const change = (next: string) => {
    setText(next);
    setRefused(new Map());
  };

  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Textarea
          label={t('paste')}
          description={t('paste_hint', { sample: SAMPLE })}
          placeholder={t('paste_placeholder', { sample: SAMPLE })}
          rows={6}
          value={text}
          onChange={(event) => change(event.currentTarget.value)}
          spellCheck={false}
          autoComplete="off"
          data-autofocus
        />
        <div role="status">
          <Text size="sm" c="dimmed">
            {t('people', { count: people.length })}
          </Text>
          {tooMany && (
            <Text size="sm" c="var(--danger)">
              {t('too_many', { most: MOST_AT_ONCE })}
            </Text>
          )}
          {bad.map(({ line, why }) => (
            <Text key={`${line} ${why}`} size="sm" c="var(--danger)">
              {t(why === 'twice' ? 'twice' : 'bad_line', { line })}
            </Text>
          ))}
          {unknown.map(({ line, role }) => (
            <Text key={line} size="sm" c="var(--danger)">
              {t('bad_role', { line, role })}
            </Text>
          ))}
        </div>
        {refused.size > 0 && (
          <Text size="sm" c="var(--danger)" role="alert">
            {t('refused', { count: refused.size })}
          </Text>
        )}
        <People people={people} refused={refused} roleOf={roleOf} />
        <RoleSelect label={t('default_role')} value={roleId} onChange={setRoleId} />
        <ScopeFields value={scope} onChange={setScope} error={noScope && te('required_projects')} />
      </Stack>
      <Group justify="flex-end" mt="lg">
        <Button type="submit" size="sm" disabled={!ready} loading={send.isPending}>
          {t('send_many', { count: people.length })}
        </Button>
      </Group>
    </form>
  );
}

/** The role that a pasted word names: by key or by name, in any case. */
function useRoleOf(): (word: string) => RoleOut | undefined {
  const roles = useQuery(everyRole()).data;
  const nameOf = useRoleName();
  return (word) => {
    const wanted = word.trim().toLowerCase();
    return roles?.find(({ key, title }) =>
      [key, key.replaceAll('_', ' '), title, nameOf(key, title)].some((name) => name.toLowerCase() === wanted),
    );
  };
}

/** Why which address cannot be invited: the pointers are `/invitations/3/email`. */
function refusedRows(error: Error, people: Pasted[], words: (why: FieldProblem) => string): Map<string, string> {
  const rows = new Map<string, string>();
  if (!(error instanceof ApiProblem)) return rows;
  for (const problem of error.fields) {
    const person = people[Number(/^\/invitations\/(\d+)/.exec(problem.pointer)?.[1])];
    if (person) rows.set(person.email, words(problem));
  }
  return rows;
}

interface PeopleProps {
  people: Pasted[];
  /** Why somebody cannot be invited, by address. */
  refused: ReadonlyMap<string, string>;
  roleOf: (word: string) => RoleOut | undefined;
}

function People({ people, refused, roleOf }: PeopleProps) {
  const t = useTranslations('members.form');
  const roleName = useRoleName();
  return (
    <ul className={classes.pasted} aria-label={t('result')}>
      {people.map(({ email, name, role }) => {
        const why = refused.get(email);
        const named = roleOf(role);
        return (
          <li key={email}>
            {why ? (
              <IconAlertTriangle size={15} className={classes.bad} aria-hidden />
            ) : (
              <IconPointFilled size={15} className={classes.waiting} aria-hidden />
            )}
            <span className={classes.pastedName}>
              {name} <small>{email}</small>
            </span>
            <small>{named ? roleName(named.key, named.title) : ''}</small>
            {why && <span className={classes.pastedWhy}>{why}</span>}
          </li>
        );
      })}
    </ul>
  );
}
