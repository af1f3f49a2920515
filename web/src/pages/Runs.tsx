export default function RunsPage(_props: { entity: string; project: string }) {
  return null;
}
