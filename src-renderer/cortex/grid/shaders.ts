/**
 * A grid in two steps. `geometry` draws a view of a hemisphere once, however many rows show it: which triangle each sample
 * meets, where in it, its light, its grey, its region. `map` draws a cell from that and a row's values: their colours come
 * from the vertices of the triangle, so that another layer, scale or threshold moves no vertex and sends no colour.
 * Arrays are in textures of `textureWidth` texels a line. Electrodes' discs (cortex/discs.ts) follow the cortex: each of their
 * vertices has its electrode's place and normal, and is moved to the rim here.
 */
import { discSides, filledShare, rimCorners } from '../discs.ts'
import { ambient, diffuse, light } from '../shade.ts'

export const textureWidth = 1024
/** What a triangle's number has room for in a sample. */
export const mostTriangles = 2 ** 20 - 1
/** Stands for NaN, which drivers may lose. */
export const none = -3e38

const float = (value: number) => value.toFixed(6)
const at = (index: string) => `ivec2(${index} & ${textureWidth - 1}, ${index} >> ${Math.log2(textureWidth)})`
const precision = `
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp sampler2DArray;
precision highp usampler2D;
`

export const geometryVertex = `${precision}
uniform usampler2D corners;
uniform sampler2D fromPlaces;
uniform sampler2D toPlaces;
uniform sampler2D fromNormals;
uniform sampler2D toNormals;
uniform usampler2D facts;
uniform float t;
uniform bool cut;
uniform mat3 rotation;
uniform vec3 centre;
uniform vec2 scale;
uniform float depth;
uniform int cortical;
uniform int points;
uniform float radius;
uniform ivec2 shown;
flat out int triangle;
out vec3 weights;
out float lit;
out float grey;
void main() {
  triangle = gl_VertexID / 3;
  int corner = gl_VertexID - 3 * triangle;
  uvec4 all = texelFetch(corners, ${at('triangle')}, 0);
  int vertex = int(corner == 0 ? all.x : corner == 1 ? all.y : all.z);
  ivec2 own = ${at('vertex')};
  vec4 placed = mix(texelFetch(fromPlaces, own, 0), texelFetch(toPlaces, own, 0), t);
  vec3 place = placed.xyz;
  vec3 normal = mix(texelFetch(fromNormals, own, 0).xyz, texelFetch(toNormals, own, 0).xyz, t);
  vec3 n = normal / max(1e-6, length(normal));
  bool hidden = cut && all.w == 1u;
  if (vertex >= cortical) {
    int electrode = vertex < points ? vertex - cortical : (vertex - points) / ${rimCorners};
    hidden = hidden || electrode < shown.x || electrode >= shown.y;
    place += placed.w * n;
    if (vertex >= points) {
      int rim = (vertex - points) % ${rimCorners};
      vec3 u = normalize(abs(n.z) < 0.9 ? vec3(n.y, -n.x, 0.0) : vec3(0.0, n.z, -n.y));
      float angle = ${float((2 * Math.PI) / discSides)} * float(rim % ${discSides});
      place += radius * (rim < ${2 * discSides} ? ${float(filledShare)} : 1.0) * (cos(angle) * u + sin(angle) * cross(n, u));
    }
  }
  vec3 facing = rotation * n;
  lit = ${float(ambient)} + ${float(diffuse)} * max(0.0, dot(facing, vec3(${light.map(float).join(', ')})));
  grey = float(texelFetch(facts, own, 0).x);
  weights = vec3(corner == 0, corner == 1, corner == 2);
  vec3 seen = rotation * (place - centre);
  gl_Position = hidden ? vec4(2.0, 2.0, 2.0, 1.0) : vec4(seen.xy * scale, -seen.z * depth, 1.0);
}`

export const geometryFragment = `${precision}
uniform usampler2D corners;
uniform usampler2D facts;
flat in int triangle;
in vec3 weights;
in float lit;
in float grey;
out uvec2 found;
void main() {
  uvec4 all = texelFetch(corners, ${at('triangle')}, 0);
  int nearest = int(weights.x >= weights.y && weights.x >= weights.z ? all.x : weights.y >= weights.z ? all.y : all.z);
  uint region = texelFetch(facts, ${at('nearest')}, 0).y & 4095u;
  uvec4 bytes = uvec4(round(clamp(vec4(weights.xy, lit, grey / 255.0), 0.0, 1.0) * 255.0));
  found = uvec2((uint(triangle) + 1u) << 12 | region, bytes.x << 24 | bytes.y << 16 | bytes.z << 8 | bytes.w);
}`

export const mapVertex = `${precision}
void main() {
  // One triangle that covers the cell.
  gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, 0.0, 1.0);
}`

export const mapFragment = `${precision}
uniform usampler2D found;
uniform usampler2D corners;
uniform sampler2DArray values;
uniform sampler2DArray tested;
uniform sampler2D table;
uniform ivec2 origin;
uniform int samples;
uniform int slot;
uniform int testedSlot;
uniform int colormap;
uniform vec2 limits;
uniform float threshold;
uniform bool diverging;
uniform float level;
uniform bool fade;
uniform float outlines;
uniform int cortical;
uniform int points;
out vec4 pixel;

float opacity(float value, ivec2 place) {
  if (value < -1e38) return 0.0;
  float shown = 1.0;
  if (threshold > -1e38) {
    float size = diverging ? abs(value - 0.5 * (limits.x + limits.y)) : value;
    if (size < threshold) shown = fade ? pow(max(0.0, size) / threshold, 2.0) : 0.0;
  }
  if (level >= 0.0) {
    float p = testedSlot < 0 ? -1.0 : texelFetch(tested, ivec3(place, testedSlot), 0).x;
    if (p < -0.5) shown = 0.0;
    else if (p > level) shown = min(shown, fade ? level / p : 0.0);
  }
  return shown;
}

vec3 colourOf(uint vertex, vec3 under) {
  if (slot < 0) return under;
  int v = int(vertex);
  if (v >= points) {
    // Of a disc's rim: its electrode's value, or none on the ring.
    int rim = v - points;
    if (rim % ${rimCorners} >= ${discSides}) return under;
    v = cortical + rim / ${rimCorners};
  }
  ivec2 place = ${at('v')};
  float value = texelFetch(values, ivec3(place, slot), 0).x;
  float shown = opacity(value, place);
  if (shown <= 0.0) return under;
  int row = clamp(int(floor((value - limits.x) / (limits.y - limits.x) * 256.0)), 0, 255);
  return mix(under, texelFetch(table, ivec2(row, colormap), 0).rgb, shown);
}

void main() {
  ivec2 first = (ivec2(gl_FragCoord.xy) - origin) * samples;
  ivec2 size = textureSize(found, 0);
  vec3 sum = vec3(0.0);
  float hits = 0.0;
  uint region = 0u;
  for (int y = 0; y < samples; y++)
    for (int x = 0; x < samples; x++) {
      uvec2 sampled = texelFetch(found, min(first + ivec2(x, y), size - 1), 0).xy;
      if (sampled.x == 0u) continue;
      int triangle = int(sampled.x >> 12) - 1;
      region = sampled.x & 4095u;
      uvec4 bytes = uvec4(sampled.y >> 24, sampled.y >> 16 & 255u, sampled.y >> 8 & 255u, sampled.y & 255u);
      vec3 under = vec3(float(bytes.w) / 255.0);
      uvec4 all = texelFetch(corners, ${at('triangle')}, 0);
      vec2 weights = vec2(bytes.xy) / 255.0;
      vec3 colour = weights.x * colourOf(all.x, under) + weights.y * colourOf(all.y, under)
        + max(0.0, 1.0 - weights.x - weights.y) * colourOf(all.z, under);
      sum += colour * float(bytes.z) / 255.0;
      hits += 1.0;
    }
  if (hits == 0.0) discard;
  if (outlines > 0.0) {
    // A region ends where the next pixel to the right or above is of another.
    uint right = texelFetch(found, min(first + ivec2(samples, 0), size - 1), 0).x;
    uint above = texelFetch(found, min(first + ivec2(0, samples), size - 1), 0).x;
    bool ends = (right != 0u && (right & 4095u) != region) || (above != 0u && (above & 4095u) != region);
    if (ends) sum *= 1.0 - outlines;
  }
  float all = float(samples * samples);
  pixel = vec4(sum / all, hits / all);
}`
