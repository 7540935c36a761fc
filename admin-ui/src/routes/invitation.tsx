import { createFileRoute } from '@tanstack/react-router';
import { InvitationPage } from '@/features/signup/InvitationPage';

export const Route = createFileRoute('/invitation')({ component: InvitationPage });
