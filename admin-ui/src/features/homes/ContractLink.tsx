import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

/** A link to a contract. */
export function ContractLink({ contractId, children }: { contractId: string; children: ReactNode }) {
  return (
    <Link to="/contracts/$contractId" params={{ contractId }}>
      {children}
    </Link>
  );
}
