package dev.tracker.media;

/** In which order an array holds the samples of an image. */
public enum Layout {
  /** Channel by channel, each row by row, as PyTorch and DJL hold them. */
  CHW,
  /** Row by row, each pixel's channels together, as TensorFlow and image files hold them. */
  HWC
}
