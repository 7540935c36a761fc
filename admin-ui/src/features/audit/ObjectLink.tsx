import { Link } from '@tanstack/react-router';
import type { ObjectOut } from '@/api/schema';
import { useAuditWords } from './words';
import classes from './audit.module.css';

/** What an event is about: a link where there is a page for it. */
export function ObjectLink({ object: { kind, id } }: { object: ObjectOut }) {
  const words = useAuditWords();
  const short = <code className={classes.id}>{id.slice(-6)}</code>;
  const name = words.kind(kind);
  if (kind === 'contract') {
    return (
      <Link to="/contracts/$contractId" params={{ contractId: id }}>
        {name} {short}
      </Link>
    );
  }
  if (kind === 'unit') {
    return (
      <Link to="/homes/$unitId" params={{ unitId: id }}>
        {name} {short}
      </Link>
    );
  }
  return (
    <span title={id}>
      {name} {short}
    </span>
  );
}
