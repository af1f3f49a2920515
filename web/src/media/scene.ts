/** Three dimensions: files to objects, and an object on screen that can be turned. */

import {
  AmbientLight,
  Box3,
  BufferGeometry,
  Color,
  DirectionalLight,
  Float32BufferAttribute,
  Group,
  LineBasicMaterial,
  LineSegments,
  LoadingManager,
  Mesh,
  MeshStandardMaterial,
  type Object3D,
  PerspectiveCamera,
  Points,
  PointsMaterial,
  Sphere,
  Scene as ThreeScene,
  Vector3,
  WebGLRenderer,
} from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import type { SpaceChoice } from "./layers";
import { cloudOf, heightColors } from "./points";

export type Read = (bytes: ArrayBuffer) => Promise<Object3D>;

const text = (bytes: ArrayBuffer): string => new TextDecoder().decode(bytes);
const plain = () => new MeshStandardMaterial({ color: 0x8fa3bf, roughness: 0.8, side: 2 });

async function readCloud(bytes: ArrayBuffer): Promise<Object3D> {
  const cloud = cloudOf(JSON.parse(text(bytes)));
  if (!cloud) throw new Error("the file has no points.");
  const group = new Group();
  if (cloud.positions.length > 0) {
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", new Float32BufferAttribute(cloud.positions, 3));
    geometry.setAttribute("color", new Float32BufferAttribute(cloud.colors, 3));
    const size = cloud.positions.length > 60_000 ? 1.5 : 3;
    group.add(
      new Points(
        geometry,
        new PointsMaterial({ size, sizeAttenuation: false, vertexColors: true }),
      ),
    );
  }
  if (cloud.lines.length > 0) {
    const geometry = new BufferGeometry();
    const ends = cloud.lines.flatMap(({ from, to }) => [...from, ...to]);
    const colors = cloud.lines.flatMap(({ color }) => [...color, ...color]);
    geometry.setAttribute("position", new Float32BufferAttribute(ends, 3));
    geometry.setAttribute("color", new Float32BufferAttribute(colors, 3));
    group.add(new LineSegments(geometry, new LineBasicMaterial({ vertexColors: true })));
  }
  return group;
}

/** A file that was logged must not choose what this page asks its server, or others, for. */
const alone = new LoadingManager();
alone.setURLModifier((url) => {
  if (/^(data|blob):/i.test(url)) return url;
  throw new Error("the file refers to another one, which is not loaded.");
});

async function readGltf(bytes: ArrayBuffer): Promise<Object3D> {
  const { GLTFLoader } = await import("three/addons/loaders/GLTFLoader.js");
  return (await new GLTFLoader(alone).parseAsync(bytes, "")).scene;
}

async function readObj(bytes: ArrayBuffer): Promise<Object3D> {
  const { OBJLoader } = await import("three/addons/loaders/OBJLoader.js");
  const object = new OBJLoader().parse(text(bytes));
  object.traverse((part) => {
    if (part instanceof Mesh) part.material = plain();
  });
  return object;
}

async function readStl(bytes: ArrayBuffer): Promise<Object3D> {
  const { STLLoader } = await import("three/addons/loaders/STLLoader.js");
  return new Mesh(new STLLoader().parse(bytes), plain());
}

async function readPly(bytes: ArrayBuffer): Promise<Object3D> {
  const { PLYLoader } = await import("three/addons/loaders/PLYLoader.js");
  const geometry = new PLYLoader().parse(bytes);
  if (geometry.index === null)
    return new Points(geometry, new PointsMaterial({ size: 2, sizeAttenuation: false }));
  geometry.computeVertexNormals();
  return new Mesh(geometry, plain());
}

const READERS: Readonly<Record<string, Read>> = {
  ".pts.json": readCloud,
  ".gltf": readGltf,
  ".glb": readGltf,
  ".obj": readObj,
  ".stl": readStl,
  ".ply": readPly,
};

/** What reads a file, by the end of its name; null for a format that nothing reads. */
export function readersOf(name: string): Read | null {
  const lowered = name.toLowerCase();
  const ending = Object.keys(READERS).find((one) => lowered.endsWith(one));
  return (ending && READERS[ending]) || null;
}

/** Whether an object is somewhere: what has no corners, or corners that are no numbers, is not. */
export function isSomewhere(object: Object3D): boolean {
  const { min, max } = new Box3().setFromObject(object);
  return [...min.toArray(), ...max.toArray()].every(Number.isFinite);
}

/** Where an object is looked at from, and at what: from its middle, by its size. */
export interface Pose {
  from: [number, number, number];
  at: [number, number, number];
}

const LOGGED = "logged colour";

/** Colours points by their height, or as they were logged. */
function paint(points: Points, ink: SpaceChoice["ink"], axis: 1 | 2): void {
  const { geometry, material } = points;
  if (!(geometry instanceof BufferGeometry) || !(material instanceof PointsMaterial)) return;
  const logged = geometry.getAttribute(LOGGED) ?? geometry.getAttribute("color");
  if (logged) geometry.setAttribute(LOGGED, logged);
  const positions = geometry.getAttribute("position");
  if (ink === "height") {
    const colors = heightColors(positions.array, axis);
    geometry.setAttribute("color", new Float32BufferAttribute(colors, 3));
  } else if (logged) geometry.setAttribute("color", logged);
  else geometry.deleteAttribute("color");
  material.vertexColors = geometry.hasAttribute("color");
  material.needsUpdate = true;
}

/** An object in an element; drawn when it is turned, and at no other time. */
export class Scene {
  private readonly renderer: WebGLRenderer;
  private readonly camera = new PerspectiveCamera(45, 1, 0.001, 1000);
  private readonly scene = new ThreeScene();
  private readonly controls: OrbitControls;
  private readonly observer: ResizeObserver;
  /** The object in its place: turned and mirrored, as somebody wants to see it. */
  private readonly stand = new Group();
  private center = new Vector3();
  private radius = 1;
  private followed = false;

  constructor(
    private readonly place: HTMLElement,
    private readonly object: Object3D,
    dark: boolean,
    space: SpaceChoice,
    /** Told where it is looked at from, when somebody has turned it. */
    private readonly onTurn: (pose: Pose) => void,
  ) {
    try {
      this.renderer = new WebGLRenderer({ antialias: true });
    } catch (cause) {
      throw new Error("this browser draws nothing in three dimensions.", { cause });
    }
    this.scene.background = new Color(dark ? 0x0e1013 : 0xf5f6f8);
    this.stand.add(object);
    this.scene.add(this.stand, new AmbientLight(0xffffff, 1.2));
    const sun = new DirectionalLight(0xffffff, 2);
    sun.position.set(1, 2, 3);
    this.camera.add(sun);
    this.scene.add(this.camera);
    place.append(this.renderer.domElement);
    this.controls = new OrbitControls(this.camera, this.renderer.domElement);
    this.controls.addEventListener("change", this.turned);
    this.controls.listenToKeyEvents(place);
    this.arrange(space);
    this.look();
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(place);
    this.fit();
  }

  /** Mirrors and turns the object, and colours its points. */
  show(space: SpaceChoice): void {
    this.arrange(space);
    this.look();
    this.draw();
  }

  private arrange({ leftHanded, thirdUp, ink }: SpaceChoice): void {
    this.object.scale.setZ(leftHanded ? -1 : 1);
    this.stand.rotation.set(thirdUp ? -Math.PI / 2 : 0, 0, 0);
    this.object.traverse((part) => {
      if (part instanceof Points) paint(part, ink, thirdUp ? 2 : 1);
    });
  }

  /** Puts the whole object in sight, whatever its size. */
  private look(): void {
    this.stand.updateMatrixWorld(true);
    const sphere = new Box3().setFromObject(this.stand).getBoundingSphere(new Sphere());
    this.radius = sphere.radius > 0 ? sphere.radius : 1;
    this.center = sphere.center;
    this.camera.near = this.radius / 500;
    this.camera.far = this.radius * 50;
    const direction = new Vector3(0.6, 0.5, 1).normalize().multiplyScalar(2.4);
    this.pose({ from: direction.toArray(), at: [0, 0, 0] });
  }

  /** Looks at it as another one is looked at. */
  pose({ from, at }: Pose): void {
    this.followed = true;
    this.camera.position.fromArray(from).multiplyScalar(this.radius).add(this.center);
    this.controls.target.fromArray(at).multiplyScalar(this.radius).add(this.center);
    this.controls.update();
    this.followed = false;
  }

  private readonly turned = (): void => {
    this.draw();
    if (this.followed) return;
    const part = (place: Vector3): [number, number, number] =>
      place.clone().sub(this.center).divideScalar(this.radius).toArray();
    this.onTurn({ from: part(this.camera.position), at: part(this.controls.target) });
  };

  private fit(): void {
    const { clientWidth: width, clientHeight: height } = this.place;
    if (width === 0 || height === 0) return;
    this.renderer.setPixelRatio(Math.min(window.devicePixelRatio, 2));
    this.renderer.setSize(width, height);
    this.camera.aspect = width / height;
    this.camera.updateProjectionMatrix();
    this.draw();
  }

  private readonly draw = (): void => this.renderer.render(this.scene, this.camera);

  close(): void {
    this.observer.disconnect();
    this.controls.dispose();
    this.object.traverse((part) => {
      if (part instanceof Mesh || part instanceof Points || part instanceof LineSegments) {
        part.geometry.dispose();
      }
    });
    this.renderer.dispose();
    this.renderer.forceContextLoss();
    this.renderer.domElement.remove();
  }
}
