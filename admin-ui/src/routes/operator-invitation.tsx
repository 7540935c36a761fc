import { createFileRoute } from '@tanstack/react-router';
import { OperatorInvitationPage } from '@/features/signup/OperatorInvitationPage';

export const Route = createFileRoute('/operator-invitation')({ component: OperatorInvitationPage });
