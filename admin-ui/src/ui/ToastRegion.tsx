import { Notifications } from '@mantine/notifications';

/** Where toasts appear. Loaded after the first screen. */
export default function ToastRegion() {
  return <Notifications position="bottom-right" limit={4} />;
}
