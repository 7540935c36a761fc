import { createFileRoute } from '@tanstack/react-router';
import { SignUpPage } from '@/features/signup/SignUpPage';

export const Route = createFileRoute('/sign-up')({ component: SignUpPage });
