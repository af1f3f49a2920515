export default function RunPage(_props: { entity: string; project: string; run: string }) {
  return null;
}
