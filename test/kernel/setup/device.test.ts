import { expect, test } from "vitest";
import { chooseDevice } from "../../../kernel/setup/device.mjs";

const unused = () => {
  throw new Error("The driver must not be looked for.");
};

test("ALLROADS_DEVICE chooses the device; the default is CUDA if there is a driver", () => {
  expect(chooseDevice("cpu", unused, "x64")).toBe("cpu");
  expect(chooseDevice("cuda", unused, "x64")).toBe("cuda");
  expect(chooseDevice(undefined, () => true, "x64")).toBe("cuda");
  expect(chooseDevice("", () => false, "x64")).toBe("cpu");
});

test("the device is the CPU on aarch64, which has no CUDA library", () => {
  expect(chooseDevice(undefined, () => true, "arm64")).toBe("cpu");
  expect(() => chooseDevice("cuda", unused, "arm64")).toThrow(/x86-64 only/);
});

test("an unknown device is rejected", () => {
  expect(() => chooseDevice("tpu", unused, "x64")).toThrow(/ALLROADS_DEVICE is "tpu": set it to cpu or cuda/);
});
