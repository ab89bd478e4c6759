/** Publications that a methods paragraph cites: how in the text, and the whole. */
export const references = {
  millet: {
    cited: 'Millet et al., 2022',
    whole:
      'Millet, J., Caucheteux, C., Orhan, P., Boubenec, Y., Gramfort, A., Dunbar, E., Pallier, C., & King, J.-R. (2022). Toward a realistic model of speech processing in the brain with self-supervised learning. Advances in Neural Information Processing Systems, 35. arXiv:2206.01685.',
  },
  caucheteux: {
    cited: 'Caucheteux & King, 2022',
    whole:
      'Caucheteux, C., & King, J.-R. (2022). Brains and algorithms partially converge in natural language processing. Communications Biology, 5, 134.',
  },
  huth: {
    cited: 'Huth et al., 2012',
    whole:
      'Huth, A. G., Nishimoto, S., Vu, A. T., & Gallant, J. L. (2012). A continuous semantic space describes the representation of thousands of object and action categories across the human brain. Neuron, 76, 1210–1224.',
  },
  dupre: {
    cited: 'Dupré la Tour et al., 2022',
    whole:
      'Dupré la Tour, T., Eickenberg, M., Nunez-Elizalde, A. O., & Gallant, J. L. (2022). Feature-space selection with banded ridge regression. NeuroImage, 264, 119728.',
  },
  chen: {
    cited: 'Chen et al., 2023',
    whole:
      'Chen, P., He, L., Fu, L., Fan, L., Chang, E. F., & Li, Y. (2023). Do self-supervised speech and language models extract similar representations as human brain? arXiv:2310.04645.',
  },
  glover: {
    cited: 'Glover, 1999',
    whole:
      'Glover, G. H. (1999). Deconvolution of impulse response in event-related BOLD fMRI. NeuroImage, 9, 416–429.',
  },
  friston: {
    cited: 'Friston et al., 1998',
    whole:
      'Friston, K. J., Fletcher, P., Josephs, O., Holmes, A., Rugg, M. D., & Turner, R. (1998). Event-related fMRI: characterizing differential responses. NeuroImage, 7, 30–40.',
  },
  hoerl: {
    cited: 'Hoerl & Kennard, 1970',
    whole:
      'Hoerl, A. E., & Kennard, R. W. (1970). Ridge regression: biased estimation for nonorthogonal problems. Technometrics, 12, 55–67.',
  },
  hsu: {
    cited: 'Hsu et al., 2004',
    whole:
      'Hsu, A., Borst, A., & Theunissen, F. E. (2004). Quantifying variability in neural responses and its application for the validation of model predictions. Network: Computation in Neural Systems, 15, 91–109.',
  },
  nastase: {
    cited: 'Nastase et al., 2019',
    whole:
      'Nastase, S. A., Gazzola, V., Hasson, U., & Keysers, C. (2019). Measuring shared responses across subjects using intersubject correlation. Social Cognitive and Affective Neuroscience, 14, 667–685.',
  },
  pedregosa: {
    cited: 'Pedregosa et al., 2011',
    whole:
      'Pedregosa, F., et al. (2011). Scikit-learn: machine learning in Python. Journal of Machine Learning Research, 12, 2825–2830.',
  },
} as const

export type Reference = keyof typeof references
