import { Page } from "../../parts/page";

export function ServerPage({ id }: { id: string; tab: string }) {
  return <Page title={id}>{null}</Page>;
}
