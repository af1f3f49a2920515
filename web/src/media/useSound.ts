import { useQuery } from "@tanstack/react-query";
import { request } from "../wire/http";
import { rateOf } from "./sound";

/** More is played, but not drawn: its samples would fill the memory. */
const MOST_BYTES = 40 << 20;
/** Of a longer sound nobody sees the highest tones. */
const LONG_BYTES = 4 << 20;
const LONG_RATE = 8_000;

export interface Sound {
  /** All channels mixed into one. */
  samples: Float32Array;
  rate: number;
  /** In seconds. */
  duration: number;
}

function mixed(buffer: AudioBuffer): Float32Array {
  const first = buffer.getChannelData(0);
  if (buffer.numberOfChannels === 1) return first;
  const sum = new Float32Array(first.length);
  for (let channel = 0; channel < buffer.numberOfChannels; channel += 1) {
    const samples = buffer.getChannelData(channel);
    for (let at = 0; at < sum.length; at += 1) sum[at] = (sum[at] ?? 0) + (samples[at] ?? 0);
  }
  return sum.map((sample) => sample / buffer.numberOfChannels);
}

async function read(url: string, signal: AbortSignal): Promise<Sound | null> {
  const answer = await request(url, { signal });
  if (Number(answer.headers.get("content-length") ?? 0) > MOST_BYTES) {
    await answer.body?.cancel();
    return null;
  }
  const bytes = await answer.arrayBuffer();
  const rate = bytes.byteLength > LONG_BYTES ? LONG_RATE : rateOf(bytes);
  const buffer = await new OfflineAudioContext(1, 1, rate).decodeAudioData(bytes);
  return { samples: mixed(buffer), rate, duration: buffer.duration };
}

/** The samples of a sound; null for one that is too long to be drawn. */
export const useSound = (path: string, url: string | null) =>
  useQuery({
    queryKey: ["sound", path],
    queryFn: ({ signal }) => read(url ?? "", signal),
    enabled: url !== null,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
