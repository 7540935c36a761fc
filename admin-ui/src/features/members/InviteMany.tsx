import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconPointFilled } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslations } from 'use-intl';
import { invitationKeys, invite } from '@/api/queries/invitations';
import { everyRole } from '@/api/queries/roles';
import type { RoleOut } from '@/api/schema';
import { useEach, type Outcome } from '@/api/useEach';
import { useProblemWords } from '@/ui/problemWords';
import { useRoleName } from '@/ui/useRoleName';
import { RoleSelect } from './RoleSelect';
import { ScopeFields, sentScope } from './Scope';
import { readPeople, type Pasted } from './paste';
import classes from './members.module.css';

/** As mail programs write people; angle brackets would be markup in a message. */
const SAMPLE = 'Ada Byron <ada@acme.com>';

/** Invites a pasted list, and says of each person what became of it. */
export function InviteMany({ onClose }: { onClose: () => void }) {
  const t = useTranslations('members.form');
  const te = useTranslations('members.edit');
  const client = useQueryClient();
  const roleOf = useRoleOf();
  const [text, setText] = useState('');
  const [roleId, setRoleId] = useState<string | null>(null);
  const [scope, setScope] = useState({ all_projects: true, project_ids: [] as string[] });
  const { people, bad } = useMemo(() => readPeople(text), [text]);
  const { outcomes, running, run, failed } = useEach();
  const started = running || outcomes.size > 0;
  const finished = started && outcomes.size === people.length;
  const unknown = people.filter(({ role }) => role && !roleOf(role));
  const needsRole = people.some(({ role }) => !role) && !roleId;
  const noScope = !scope.all_projects && scope.project_ids.length === 0;
  const ready = people.length > 0 && unknown.length === 0 && bad.length === 0 && !needsRole && !noScope;

  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    if (!ready) return;
    await run(
      people,
      ({ email }) => email,
      ({ email, role }) => invite({ email, role_id: roleOf(role)?.id ?? roleId!, ...sentScope(scope) }),
    );
    void client.invalidateQueries({ queryKey: invitationKeys.all });
  };

  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="sm">
        {!started && (
          <>
            <Textarea
              label={t('paste')}
              description={t('paste_hint', { sample: SAMPLE })}
              placeholder={t('paste_placeholder', { sample: SAMPLE })}
              rows={6}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              spellCheck={false}
              autoComplete="off"
              data-autofocus
            />
            <div role="status">
              <Text size="sm" c="dimmed">
                {t('people', { count: people.length })}
              </Text>
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
          </>
        )}
        <People people={people} outcomes={outcomes} roleOf={roleOf} />
        {!started && (
          <>
            <RoleSelect label={t('default_role')} value={roleId} onChange={setRoleId} />
            <ScopeFields value={scope} onChange={setScope} error={noScope && te('required_projects')} />
          </>
        )}
        {finished && (
          <Text size="sm" role="status">
            {t('done', { ok: people.length - failed, failed })}
          </Text>
        )}
      </Stack>
      <Group justify="flex-end" mt="lg">
        {finished ? (
          <Button size="sm" onClick={onClose}>
            {t('close')}
          </Button>
        ) : (
          <Button type="submit" size="sm" disabled={!ready} loading={running}>
            {t('send_many', { count: people.length })}
          </Button>
        )}
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

interface PeopleProps {
  people: Pasted[];
  outcomes: ReadonlyMap<string, Outcome>;
  roleOf: (word: string) => RoleOut | undefined;
}

function People({ people, outcomes, roleOf }: PeopleProps) {
  const t = useTranslations('members.form');
  const words = useProblemWords();
  const roleName = useRoleName();
  return (
    <ul className={classes.pasted} aria-label={t('result')}>
      {people.map(({ email, name, role }) => {
        const outcome = outcomes.get(email);
        const named = roleOf(role);
        return (
          <li key={email}>
            <OutcomeMark outcome={outcome} />
            <span className={classes.pastedName}>
              {name} <small>{email}</small>
            </span>
            <small>{named ? roleName(named.key, named.title) : ''}</small>
            {outcome instanceof Error && <span className={classes.pastedWhy}>{words(outcome).title}</span>}
          </li>
        );
      })}
    </ul>
  );
}

function OutcomeMark({ outcome }: { outcome: Outcome }) {
  if (outcome === undefined) return <IconPointFilled size={15} className={classes.waiting} aria-hidden />;
  if (outcome === 'done') return <IconCheck size={15} className={classes.ok} aria-hidden />;
  return <IconAlertTriangle size={15} className={classes.bad} aria-hidden />;
}
