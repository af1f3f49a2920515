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
import { cloudOf } from "./points";

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

/** An object in an element; drawn when it is turned, and at no other time. */
export class Scene {
  private readonly renderer: WebGLRenderer;
  private readonly camera = new PerspectiveCamera(45, 1, 0.001, 1000);
  private readonly scene = new ThreeScene();
  private readonly controls: OrbitControls;
  private readonly observer: ResizeObserver;

  constructor(
    private readonly place: HTMLElement,
    private readonly object: Object3D,
    dark: boolean,
  ) {
    try {
      this.renderer = new WebGLRenderer({ antialias: true });
    } catch (cause) {
      throw new Error("this browser draws nothing in three dimensions.", { cause });
    }
    this.scene.background = new Color(dark ? 0x0e1013 : 0xf5f6f8);
    this.scene.add(object, new AmbientLight(0xffffff, 1.2));
    const sun = new DirectionalLight(0xffffff, 2);
    sun.position.set(1, 2, 3);
    this.camera.add(sun);
    this.scene.add(this.camera);
    place.append(this.renderer.domElement);
    this.controls = new OrbitControls(this.camera, this.renderer.domElement);
    this.controls.addEventListener("change", this.draw);
    this.look();
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(place);
    this.fit();
  }

  /** Puts the whole object in sight, whatever its size. */
  private look(): void {
    const sphere = new Box3().setFromObject(this.object).getBoundingSphere(new Sphere());
    const radius = sphere.radius > 0 ? sphere.radius : 1;
    const direction = new Vector3(0.6, 0.5, 1).normalize();
    this.camera.position.copy(sphere.center).addScaledVector(direction, radius * 2.4);
    this.camera.near = radius / 500;
    this.camera.far = radius * 50;
    this.controls.target.copy(sphere.center);
    this.controls.update();
  }

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
